package io.muster.hub.tool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The tools that one answer of a model calls, all at once. Whatever is wrong with a call is told to
 * the model as its result, so that it can do better; only where the hub itself cannot go on does
 * the round fail.
 */
final class ToolRound {
  private final int number;
  private final ToolTalk talk;
  private final ToolChats.Caller tools;
  private final ToolOptions options;
  private final Consumer<ObjectNode> steps;
  private final List<ToolCall> running = new ArrayList<>();

  /**
   * @param number 1 the first
   * @param steps is told of each call and each result
   */
  ToolRound(
      int number,
      ToolTalk talk,
      ToolChats.Caller tools,
      ToolOptions options,
      Consumer<ObjectNode> steps) {
    this.number = number;
    this.talk = talk;
    this.tools = tools;
    this.options = options;
    this.steps = steps;
  }

  /**
   * Runs them.
   *
   * @param leftMs milliseconds that the chat has
   * @return the texts for the model, one a call
   */
  Future<List<String>> run(List<CallParts.Call> calls, long leftMs, String caller) {
    List<Future<String>> results = new ArrayList<>();
    for (CallParts.Call call : calls) {
      results.add(one(call, results.size(), leftMs, caller));
    }
    return Future.all(results).map(all -> all.<String>list());
  }

  private Future<String> one(CallParts.Call call, int index, long leftMs, String caller) {
    String tool = talk.toolOf(call.name());
    JsonObject args = ToolTalk.arguments(call.arguments());
    tell(call, tool, args);
    if (index >= options.maxCalls()) {
      return refuse(
          call, "too_many_calls", "one answer may call " + options.maxCalls() + " tools at once");
    }
    if (tool == null) {
      return refuse(
          call,
          "tool_not_found",
          "there is no tool " + brief(call.name()) + "; there are: " + talk.names());
    }
    if (args == null) {
      return refuse(call, "invalid_arguments", "the arguments are not a JSON object");
    }
    ToolCall begun =
        tools.call(
            tool, args, Duration.ofMillis(Math.max(1, Math.min(options.callMs(), leftMs))), caller);
    running.add(begun);
    return begun
        .result()
        .onComplete(done -> running.remove(begun))
        .map(result -> answered(call, tool, result));
  }

  private void tell(CallParts.Call call, String tool, JsonObject args) {
    ObjectNode step = step("tool_call", call, tool);
    if (args == null) {
      step.put("arguments", call.arguments());
    } else {
      step.set("arguments", ToolTalk.MAPPER.valueToTree(args.getMap()));
    }
    steps.accept(step);
  }

  private ObjectNode step(String type, CallParts.Call call, String tool) {
    return ToolTalk.MAPPER
        .createObjectNode()
        .put("type", type)
        .put("round", number)
        .put("id", call.id())
        .put("tool", tool == null ? call.name() : tool);
  }

  private Future<String> refuse(CallParts.Call call, String code, String message) {
    return Future.succeededFuture(
        answered(
            call,
            talk.toolOf(call.name()),
            new ToolResult(null, new ToolResult.Problem(code, message), null, null, 0)));
  }

  private String answered(CallParts.Call call, String tool, ToolResult result) {
    String text = text(result);
    ObjectNode step = step("tool_result", call, tool).put("ok", result.ok());
    step.put("node_id", result.nodeId()).put("task_id", result.taskId());
    step.put("ms", result.elapsedMs());
    if (!result.ok()) {
      step.putObject("error")
          .put("code", result.error().code())
          .put("message", result.error().message());
    } else {
      step.put("result", text);
    }
    steps.accept(step);
    return text;
  }

  /** What the model reads: a text as it is, everything else as JSON. */
  private String text(ToolResult result) {
    if (!result.ok()) {
      return new JsonObject()
          .put(
              "error",
              new JsonObject()
                  .put("code", result.error().code())
                  .put("message", result.error().message()))
          .encode();
    }
    String text = result.value() instanceof String plain ? plain : Json.encode(result.value());
    if (text.length() <= options.maxResultChars()) {
      return text;
    }
    int most = options.maxResultChars();
    // Half a character is none: some model servers fail on it.
    int shown = Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most;
    return "%s\n[cut here: %d of %d characters]"
        .formatted(text.substring(0, shown), shown, text.length());
  }

  /** Stops those that still run. */
  void cancel(String reason) {
    for (ToolCall call : List.copyOf(running)) {
      call.cancel(reason);
    }
  }

  private static String brief(String name) {
    return name.length() <= 64 ? name : name.substring(0, 64) + "…";
  }

  /** The failure of a chat whose tools cannot be called at all. */
  static Fault fault(Throwable cause) {
    Fault fault = Fault.from(cause);
    return fault.failure() == Failure.INTERNAL
        ? Fault.of(Failure.INTERNAL, "The hub failed to call a tool.")
        : fault;
  }
}
