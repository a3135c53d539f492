package io.muster.hub.companion;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.companion.CompanionMessage;
import io.muster.hub.chat.ChatMessage;
import io.muster.hub.chat.OpenTurn;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a companion answer one turn itself. One that does not reply in time, or with nothing, leaves
 * the turn to the fleet's model, which speaks with the companion's personality.
 */
final class CompanionVoice implements Dispatch {
  private static final Logger log = LoggerFactory.getLogger(CompanionVoice.class);

  private final Bus bus;
  private final String companionId;
  private final OpenTurn turn;
  private final Duration patience;
  private final Dispatch otherwise;

  CompanionVoice(
      Bus bus, String companionId, OpenTurn turn, Duration patience, Dispatch otherwise) {
    this.bus = bus;
    this.companionId = companionId;
    this.turn = turn;
    this.patience = patience;
    this.otherwise = otherwise;
  }

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    Answer answer = new Answer(job, listener);
    bus.<CompanionMessage.Reply>ask(Addresses.node(companionId), question(job), patience)
        .onSuccess(reply -> answer.replied(reply.text()))
        .onFailure(cause -> answer.fallBack(cause.getMessage()));
    return answer;
  }

  private CompanionMessage.Chat question(Job job) {
    List<CompanionMessage.Line> history = new ArrayList<>();
    // All but the system prompt, which the companion itself has given, and the new message.
    for (ChatMessage message : turn.messages().subList(0, turn.messages().size() - 1)) {
      if (!message.role().equals("system")) {
        history.add(new CompanionMessage.Line(message.role(), message.content()));
      }
    }
    // Not the request's id, which its client may choose: two would get each other's replies.
    return new CompanionMessage.Chat(job.id(), turn.shownId(), turn.message(), history);
  }

  /** The turn's answer, by the companion or by whoever speaks for it. */
  private final class Answer implements JobHandle {
    private final Job job;
    private final JobListener listener;
    private JobHandle instead;
    private int granted;
    private boolean over;

    private Answer(Job job, JobListener listener) {
      this.job = job;
      this.listener = listener;
    }

    private void replied(String text) {
      if (over) {
        return;
      }
      if (text == null || text.isBlank()) {
        fallBack("it replied nothing");
        return;
      }
      over = true;
      listener.started(companionId);
      if (job.stream()) {
        listener.delta(new Frame.Delta(0, 1, 1, chunk(text)));
      }
      listener.done(
          new Frame.Done(0, 1, "stop", Usage.NONE, job.stream() ? null : completion(text)));
    }

    private void fallBack(String why) {
      if (!over && instead == null) {
        log.info("companion {} is spoken for by a model: {}", companionId, why);
        instead = otherwise.submit(job, listener);
        if (granted > 0) {
          instead.grant(granted);
        }
      }
    }

    @Override
    public void cancel(String reason) {
      over = true;
      if (instead != null) {
        instead.cancel(reason);
      }
    }

    @Override
    public void grant(int frames) {
      if (instead != null) {
        instead.grant(frames);
      } else {
        granted += frames;
      }
    }

    @Override
    public int queuePlace() {
      return instead == null ? 0 : instead.queuePlace();
    }
  }

  private static byte[] chunk(String text) {
    JsonObject choice =
        new JsonObject()
            .put("index", 0)
            .put("delta", new JsonObject().put("content", text))
            .putNull("finish_reason");
    return Buffer.buffer(
            "data: " + new JsonObject().put("choices", new JsonArray().add(choice)) + "\n\n")
        .getBytes();
  }

  private static byte[] completion(String text) {
    JsonObject choice =
        new JsonObject()
            .put("index", 0)
            .put("message", new JsonObject().put("role", "assistant").put("content", text))
            .put("finish_reason", "stop");
    return new JsonObject().put("choices", new JsonArray().add(choice)).toBuffer().getBytes();
  }
}
