package io.muster.hub.tool;

import io.muster.bus.Fault;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.http.ToolDesk;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A model that answers as a test says, tools that do, and a client that writes down what it gets.
 */
final class ToolWorld implements Dispatch, ToolDesk.Rounds, JobListener {
  /** What was asked of the model, round by round. */
  final List<Asked> asked = new ArrayList<>();

  /** What the model does at each round; the last one is repeated. */
  final Deque<Consumer<Asked>> model = new ArrayDeque<>();

  /** Tools that were called, by name; those without an answer here run on. */
  final List<Called> called = new ArrayList<>();

  final Map<String, Object> answers = new java.util.HashMap<>();
  final List<JsonObject> chunks = new ArrayList<>();
  final List<Map<String, Object>> events = new ArrayList<>();
  Future<UnaryOperator<JobListener>> quota = Future.succeededFuture(listener -> listener);
  int admitted;
  Frame.Done done;
  Fault fault;
  int ends;
  long now;
  ToolOptions options = ToolOptions.defaults();

  /** One call of the model. */
  static final class Asked implements JobHandle {
    final Job job;
    final JobListener listener;
    int granted;
    String cancelled;
    private int seq;

    Asked(Job job, JobListener listener) {
      this.job = job;
      this.listener = listener;
    }

    JsonObject body() {
      return new JsonObject(new String(job.body(), StandardCharsets.UTF_8));
    }

    Asked started() {
      listener.started("w1");
      return this;
    }

    /** One frame with these chunks, each by its delta. */
    Asked deltas(JsonObject... deltas) {
      StringBuilder events = new StringBuilder();
      for (JsonObject delta : deltas) {
        events.append("data: ").append(chunk(delta, null)).append("\n\n");
      }
      frame(events.toString());
      return this;
    }

    void end(String finishReason, int prompt, int completion) {
      frame("data: " + chunk(new JsonObject(), finishReason) + "\n\n");
      listener.done(
          new Frame.Done(1, seq, finishReason, new Usage(prompt, completion, false), null));
    }

    private void frame(String events) {
      listener.delta(new Frame.Delta(1, ++seq, 1, events.getBytes(StandardCharsets.UTF_8)));
    }

    private JsonObject chunk(JsonObject delta, String finishReason) {
      return new JsonObject()
          .put("id", "c-" + job.id())
          .put("object", "chat.completion.chunk")
          .put("created", 7)
          .put("model", "m")
          .put(
              "choices",
              new JsonArray()
                  .add(
                      new JsonObject()
                          .put("index", 0)
                          .put("delta", delta)
                          .put("finish_reason", finishReason)));
    }

    @Override
    public void cancel(String reason) {
      cancelled = reason;
    }

    @Override
    public void grant(int frames) {
      granted += frames;
    }

    @Override
    public int queuePlace() {
      return 0;
    }
  }

  /** One call of a tool. */
  static final class Called implements ToolCall {
    final String name;
    final JsonObject args;
    final Duration timeout;
    final Promise<ToolResult> result = Promise.promise();
    String cancelled;

    Called(String name, JsonObject args, Duration timeout) {
      this.name = name;
      this.args = args;
      this.timeout = timeout;
    }

    @Override
    public Future<ToolResult> result() {
      return result.future();
    }

    @Override
    public void cancel(String reason) {
      cancelled = reason;
    }
  }

  static JsonObject role() {
    return new JsonObject().put("role", "assistant").put("content", "");
  }

  static JsonObject text(String content) {
    return new JsonObject().put("content", content);
  }

  /** A piece of a tool call; null for what is not in the piece. */
  static JsonObject piece(int index, String id, String name, String arguments) {
    JsonObject function = new JsonObject();
    if (name != null) {
      function.put("name", name);
    }
    if (arguments != null) {
      function.put("arguments", arguments);
    }
    JsonObject call = new JsonObject().put("index", index).put("function", function);
    if (id != null) {
      call.put("id", id).put("type", "function");
    }
    return new JsonObject().put("tool_calls", new JsonArray().add(call));
  }

  /** Begins a chat that may use echo and clock. */
  JobHandle begin(boolean stream, String request, String... tools) {
    List<Offered> offered = new ArrayList<>();
    for (String tool : tools) {
      offered.add(new Offered(tool, "does " + tool, Offered.ANYTHING, List.of("w1")));
    }
    try {
      ToolTalk talk =
          new ToolTalk(
              (com.fasterxml.jackson.databind.node.ObjectNode) ToolTalk.MAPPER.readTree(request),
              offered);
      ToolLoop loop =
          new ToolLoop(
              this,
              this,
              this::call,
              talk,
              options,
              (type, data) -> events.add(data),
              () -> now,
              "caller");
      return loop.begin(
          new Job("j", "r", Job.Kind.CHAT, "m", stream, "a", 5, 60_000, talk.body()), this);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  private ToolCall call(String name, JsonObject args, Duration timeout, String caller) {
    Called call = new Called(name, args, timeout);
    called.add(call);
    if (answers.containsKey(name)) {
      call.result.complete(
          answers.get(name) instanceof ToolResult result
              ? result
              : new ToolResult(answers.get(name), null, "w2", "task-1", 3));
    }
    return call;
  }

  /** The text that the client has. */
  String said() {
    StringBuilder text = new StringBuilder();
    for (JsonObject chunk : chunks) {
      text.append(delta(chunk).getString("content", ""));
    }
    return text.toString();
  }

  static JsonObject delta(JsonObject chunk) {
    return chunk.getJsonArray("choices").getJsonObject(0).getJsonObject("delta");
  }

  /** The steps that the client has seen. */
  List<JsonObject> steps() {
    List<JsonObject> steps = new ArrayList<>();
    for (JsonObject chunk : chunks) {
      JsonObject muster = chunk.getJsonObject("muster");
      if (muster != null && muster.containsKey("step")) {
        steps.add(muster.getJsonObject("step"));
      }
    }
    return steps;
  }

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    Asked question = new Asked(job, listener);
    asked.add(question);
    Consumer<Asked> script = model.size() > 1 ? model.poll() : model.peek();
    if (script != null) {
      script.accept(question);
    }
    return question;
  }

  @Override
  public JobListener metering(JobListener listener) {
    admitted++;
    return listener;
  }

  @Override
  public Future<UnaryOperator<JobListener>> another(Job job) {
    return quota.onSuccess(metering -> admitted++);
  }

  @Override
  public void started(String nodeId) {}

  @Override
  public void delta(Frame.Delta delta) {
    for (String line : new String(delta.events(), StandardCharsets.UTF_8).split("\n\n")) {
      chunks.add(new JsonObject(line.substring("data: ".length())));
    }
  }

  @Override
  public void done(Frame.Done theDone) {
    done = theDone;
    ends++;
  }

  @Override
  public void failed(Fault theFault, boolean begun) {
    fault = theFault;
    ends++;
  }
}
