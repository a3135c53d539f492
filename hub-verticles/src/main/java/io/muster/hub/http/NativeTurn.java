package io.muster.hub.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.chat.ChatService;
import io.muster.hub.chat.OpenTurn;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/**
 * One turn of a session on its way through a job.
 *
 * <pre>
 *   running ──done──▶ committing ──▶ answered
 *      │ failed, client gone, no text in the answer
 *      ▼
 *   abandoned
 * </pre>
 */
final class NativeTurn implements JobListener, JobHandle {
  /** Far beyond any answer: what is kept of a stream for the session has an end. */
  private static final int MAX_ANSWER_CHARS = 8 << 20;

  private final Exchange exchange;
  private final ChatService chats;
  private final OpenTurn turn;
  private final Job job;
  private final NativeJson json;
  private final StringBuilder answer = new StringBuilder();
  private final ArrayNode steps = HttpJson.MAPPER.createArrayNode();
  private ClientStream stream;
  private JobHandle handle;
  private String nodeId;
  private String finishReason;
  private boolean ended;

  NativeTurn(Exchange exchange, ChatService chats, OpenTurn turn, Job job, NativeJson json) {
    this.exchange = exchange;
    this.chats = chats;
    this.turn = turn;
    this.job = job;
    this.json = json;
  }

  /** Answers piece by piece. */
  NativeTurn streaming(ClientStream to) {
    stream = to;
    return this;
  }

  /** The job that answers; cancelling this turn then cancels it. */
  NativeTurn follow(JobHandle submitted) {
    handle = submitted;
    return this;
  }

  /** The client left. */
  void gone() {
    cancel("the client went away");
  }

  @Override
  public void cancel(String reason) {
    abandon();
    handle.cancel(reason);
  }

  @Override
  public void grant(int frames) {
    handle.grant(frames);
  }

  @Override
  public int queuePlace() {
    return handle.queuePlace();
  }

  @Override
  public void started(String node) {
    nodeId = node;
    exchange.worker(node);
  }

  @Override
  public void delta(Frame.Delta delta) {
    if (ended) {
      return;
    }
    int before = answer.length();
    boolean stepped = false;
    try {
      for (Answers.Part part : Answers.chunks(delta.events())) {
        answer.append(part.content());
        finish(part);
        if (part.muster().path("step") instanceof ObjectNode step) {
          steps.add(step);
          if (stream != null) {
            stream.write(NativeJson.step(step), stepped ? 0 : 1);
            stepped = true;
          }
        }
      }
    } catch (IOException e) {
      fail(Fault.of(Failure.PROVIDER_ERROR, "The model server's stream cannot be read."));
      return;
    }
    if (answer.length() > MAX_ANSWER_CHARS) {
      fail(Fault.of(Failure.PROVIDER_ERROR, "The answer is too long for a session."));
    } else if (stream != null && answer.length() > before) {
      stream.write(json.delta(answer.substring(before)), stepped ? 0 : 1);
    } else if (stream != null && !stepped) {
      stream.skip(1);
    }
  }

  @Override
  public void done(Frame.Done done) {
    if (ended) {
      return;
    }
    if (done.body() != null) {
      try {
        Answers.Part part = Answers.whole(done.body());
        answer.append(part.content());
        finish(part);
        part.muster().path("steps").forEach(steps::add);
      } catch (IOException e) {
        fail(Fault.of(Failure.PROVIDER_ERROR, "The model server's answer cannot be read."));
        return;
      }
    }
    if (finishReason == null) {
      finishReason = done.finishReason();
    }
    if (answer.toString().isBlank()) {
      fail(Fault.of(Failure.PROVIDER_ERROR, withoutText()));
      return;
    }
    commit(done.usage() == null ? Usage.NONE : done.usage());
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    fail(fault);
  }

  private void finish(Answers.Part part) {
    if (part.finishReason() != null) {
      finishReason = part.finishReason();
    }
  }

  private String withoutText() {
    return "tool_calls".equals(finishReason)
        ? "The model asked for tools, which this interface does not have: use"
            + " /v1/chat/completions."
        : "The model gave an empty answer.";
  }

  private void commit(Usage usage) {
    ended = true;
    String text = answer.toString();
    chats
        .commit(turn, text, nodeId, job.model(), usage)
        .onSuccess(stored -> answer(text, usage))
        .onFailure(this::tell);
  }

  private void answer(String text, Usage usage) {
    byte[] whole = json.answer(turn, text, nodeId, job, finishReason, usage, steps);
    if (stream == null) {
      exchange.answer(Buffer.buffer(whole));
    } else {
      stream.end(NativeJson.last(whole));
    }
  }

  private void fail(Fault fault) {
    if (!ended) {
      abandon();
      if (handle != null) {
        handle.cancel(fault.message());
      }
      tell(fault.asException());
    }
  }

  private void tell(Throwable cause) {
    if (stream == null) {
      exchange.fail(cause);
    } else {
      ApiError error = ApiError.of(cause);
      stream.fail(error, ErrorBody.PLAIN.event(error, exchange.requestId()));
    }
  }

  private void abandon() {
    if (!ended) {
      ended = true;
      chats.abandon(turn);
    }
  }
}
