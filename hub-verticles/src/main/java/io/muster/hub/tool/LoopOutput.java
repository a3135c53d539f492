package io.muster.hub.tool;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.util.List;

/**
 * What the client of a chat with tools gets: one stream, or one answer, of all that the model said
 * in its rounds, with the steps in between.
 */
final class LoopOutput {
  /** Stands between what was said before tools were called and what is said after. */
  private static final String BETWEEN = "\n\n";

  private final Job job;
  private final JobListener listener;
  private final AnswerChunks chunks;
  private final StringBuilder text = new StringBuilder();
  private final ArrayNode steps = ToolTalk.MAPPER.createArrayNode();
  private Usage usage = new Usage(0, 0, false);
  private int seq;

  /** Frames that were the hub's own: what is granted for them is not the model's. */
  private int own;

  LoopOutput(Job job, JobListener listener) {
    this.job = job;
    this.listener = listener;
    this.chunks = new AnswerChunks(job.id(), job.model(), System.currentTimeMillis() / 1000);
  }

  /** Makes the model's chunk one of the stream. */
  void join(ObjectNode chunk, ObjectNode delta) {
    chunks.join(chunk, delta);
  }

  /** What stands before the first words of a round. */
  String before() {
    return text.length() > 0 ? BETWEEN : "";
  }

  /** What the model said in a round, in all. */
  void said(CharSequence words) {
    if (words.length() > 0) {
      text.append(before()).append(words);
    }
  }

  /** What a round took. */
  void used(Usage more) {
    if (more != null) {
      usage =
          new Usage(
              usage.promptTokens() + more.promptTokens(),
              usage.completionTokens() + more.completionTokens(),
              usage.estimated() || more.estimated());
    }
  }

  void pass(List<ObjectNode> pieces) {
    listener.delta(new Frame.Delta(0, ++seq, pieces.size(), AnswerChunks.event(pieces)));
  }

  private void passOwn(ObjectNode chunk) {
    own++;
    pass(List.of(chunk));
  }

  /** How many of so many frames that the client has taken were the model's. */
  int modelsOf(int frames) {
    int ours = Math.min(own, frames);
    own -= ours;
    return frames - ours;
  }

  void step(ObjectNode step) {
    steps.add(step);
    if (job.stream()) {
      ObjectNode chunk = chunks.own();
      chunk.putObject("muster").set("step", step);
      passOwn(chunk);
    }
  }

  /**
   * Ends the answer.
   *
   * @param completion the last round's, null at the end of a stream
   * @param calls of the client's own tools
   * @param stopped why the model was not asked again, null where it had no more to ask
   */
  void end(
      ObjectNode completion,
      List<CallParts.Call> calls,
      String finishReason,
      int rounds,
      String stopped) {
    ObjectNode about = ToolTalk.MAPPER.createObjectNode().put("rounds", rounds);
    if (stopped != null) {
      about.put("stopped", stopped);
    }
    byte[] body = null;
    if (completion == null) {
      endStream(calls, finishReason, about);
    } else {
      about.set("steps", steps);
      complete(completion, calls, finishReason, about);
      body = AnswerChunks.whole(completion, usage);
    }
    listener.done(new Frame.Done(0, seq, finishReason, usage, body));
  }

  private void endStream(List<CallParts.Call> calls, String finishReason, ObjectNode about) {
    if (!calls.isEmpty()) {
      ObjectNode chunk = chunks.own();
      ArrayNode list = AnswerChunks.delta(chunk).putArray("tool_calls");
      for (CallParts.Call call : calls) {
        int index = list.size();
        ToolTalk.addCall(list, call, call.arguments()).put("index", index);
      }
      passOwn(chunk);
    }
    ObjectNode last = chunks.own();
    ((ObjectNode) last.path("choices").path(0)).put("finish_reason", finishReason);
    last.set("muster", about);
    passOwn(last);
  }

  private void complete(
      ObjectNode completion, List<CallParts.Call> calls, String finishReason, ObjectNode about) {
    ObjectNode choice = (ObjectNode) completion.path("choices").path(0);
    ObjectNode message = (ObjectNode) choice.path("message");
    message.put("content", text.length() == 0 && !calls.isEmpty() ? null : text.toString());
    if (!calls.isEmpty()) {
      ArrayNode list = message.putArray("tool_calls");
      calls.forEach(call -> ToolTalk.addCall(list, call, call.arguments()));
    }
    choice.put("finish_reason", finishReason);
    completion.set("muster", about);
  }
}
