package io.muster.hub.llm;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.gateway.NodeSession;
import io.muster.hub.http.Answers;
import io.muster.hub.http.Permit;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;

/**
 * One {@code llm_request} on its way.
 *
 * <pre>
 *   admitting ──▶ running ──▶ answered | failed | cancelled | gone
 * </pre>
 *
 * Each end comes once, and gives back what was admitted.
 */
final class LlmCall implements JobListener {
  /** Far beyond any answer: what is kept of a stream for its last frame has an end. */
  private static final int MAX_ANSWER_CHARS = 8 << 20;

  private final LlmProxy proxy;
  private final NodeSession session;
  private final String requestId;
  private final boolean stream;
  private final LlmFrames frames;
  private final LlmEvents events;
  private final long began;
  private final StringBuilder content = new StringBuilder();
  private JsonArray toolCalls;
  private String finishReason;
  private Permit permit;
  private JobHandle job;
  private int owed;
  private boolean draining;
  private long lastSent;
  private boolean over;

  LlmCall(
      LlmProxy proxy,
      NodeSession session,
      String requestId,
      boolean stream,
      LlmEvents events,
      long nowNanos) {
    this.proxy = proxy;
    this.session = session;
    this.requestId = requestId;
    this.stream = stream;
    this.frames = new LlmFrames(requestId, session.nodeId());
    this.events = events;
    this.began = nowNanos;
    this.lastSent = nowNanos;
  }

  String requestId() {
    return requestId;
  }

  boolean over() {
    return over;
  }

  /** It was admitted, and is submitted. */
  void begin(Permit taken, Job submitted) {
    if (over) {
      taken.release();
      return;
    }
    permit = taken;
    permit.whenLost(
        () ->
            end(
                Fault.of(Failure.UNREACHABLE, "The hub lost its database, which counts quotas.")
                    .asException()));
    events.started(submitted.model(), stream);
    JobHandle handle = proxy.dispatch().submit(submitted, permit.metering(this));
    job = handle;
    if (over) {
      handle.cancel("it has ended");
    } else {
      grant();
    }
  }

  @Override
  public void started(String nodeId) {
    // The node asked the hub: who answers is not its concern.
  }

  @Override
  public void delta(Frame.Delta delta) {
    if (over) {
      return;
    }
    owed++;
    if (stream) {
      try {
        for (Answers.Part part : Answers.chunks(delta.events())) {
          piece(part);
        }
      } catch (IOException e) {
        end(Fault.of(Failure.PROVIDER_ERROR, "The model server's stream cannot be read."));
      }
    }
    if (!over) {
      grant();
    }
  }

  private void piece(Answers.Part part) {
    if (part.finishReason() != null) {
      finishReason = part.finishReason();
    }
    if (over
        || (part.content().isEmpty() && part.thinking().isEmpty() && !part.toolCalls().isArray())) {
      return;
    }
    content.append(part.content());
    if (content.length() > MAX_ANSWER_CHARS) {
      end(Fault.of(Failure.PROVIDER_ERROR, "The answer is too long."));
      return;
    }
    send(LlmFrames.STREAM, frames.chunk(part, proxy.millis()));
    events.chunk(part.content().length(), lastSent);
  }

  @Override
  public void done(Frame.Done done) {
    if (over) {
      return;
    }
    if (done.body() != null) {
      try {
        Answers.Part part = Answers.whole(done.body());
        content.append(part.content());
        finishReason = part.finishReason();
        if (part.toolCalls().isArray()) {
          toolCalls = new JsonArray(part.toolCalls().toString());
        }
      } catch (IOException e) {
        end(Fault.of(Failure.PROVIDER_ERROR, "The model server's answer cannot be read."));
        return;
      }
    }
    Usage usage = done.usage();
    String reason = finishReason == null ? done.finishReason() : finishReason;
    if (stream) {
      send(LlmFrames.STREAM, frames.last(usage, proxy.millis()));
    }
    if (!over) {
      send(LlmFrames.RESPONSE, frames.answer(content.toString(), usage, reason, toolCalls));
    }
    if (!over) {
      close();
      events.completed(stream, usage, elapsedMs());
    }
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    end(fault);
  }

  private void end(Fault fault) {
    end(fault.asException());
  }

  /** It ends without an answer, and the node is told why. */
  void end(Throwable cause) {
    if (over) {
      return;
    }
    JsonObject error = LlmFrames.error(cause);
    close();
    cancel(error.getString("message"));
    var unused = session.send(LlmFrames.RESPONSE, frames.failure(error));
    if (!(cause instanceof QuotaExceeded)) {
      // A refusal has an event of its own.
      events.failed(error, elapsedMs());
    }
  }

  /** The node is gone: nobody is told. */
  void gone() {
    if (!over) {
      close();
      cancel("the node went away");
      events.failed(
          LlmFrames.error(Fault.of(Failure.CANCELLED, "The node went away.").asException()),
          elapsedMs());
    }
  }

  /** Sends an empty piece where none was sent for long. */
  void keepAlive(long nowNanos, long afterNanos) {
    if (stream && !over && nowNanos - lastSent >= afterNanos && !session.isFull()) {
      send(LlmFrames.STREAM, frames.keepAlive(proxy.millis()));
    }
  }

  private void send(String type, JsonObject data) {
    lastSent = proxy.nanos();
    if (!session.send(type, data)) {
      gone();
    }
  }

  /** As many more pieces may come as the node has taken. */
  private void grant() {
    if (owed == 0 || job == null || draining) {
      return;
    }
    if (session.isFull()) {
      draining = true;
      session.whenDrained(
          () -> {
            draining = false;
            if (!over) {
              grant();
            }
          });
    } else {
      int pieces = owed;
      owed = 0;
      job.grant(pieces);
    }
  }

  private void cancel(String reason) {
    if (job != null) {
      job.cancel(reason);
    }
  }

  private void close() {
    over = true;
    proxy.over(session, this);
    if (permit != null) {
      permit.release();
    }
  }

  private long elapsedMs() {
    return (proxy.nanos() - began) / 1_000_000;
  }
}
