package io.muster.worker.provider;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.List;

/**
 * The built-in model {@code demo}, for trying things out where no model server is set: it needs
 * nothing, says plainly what it is, and behaves on the wire as a real one does.
 */
public final class DemoProvider implements Provider {
  public static final String MODEL = "demo";

  private static final int CONTEXT_TOKENS = 8192;

  private final Vertx vertx;
  private final int tokenDelayMs;
  private final Clock clock;

  /**
   * @param tokenDelayMs milliseconds that each token takes, 0 for none
   */
  public DemoProvider(Vertx vertx, int tokenDelayMs, Clock clock) {
    this.vertx = vertx;
    this.tokenDelayMs = tokenDelayMs;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "demo";
  }

  @Override
  public Future<List<ModelInfo>> models() {
    return Future.succeededFuture(
        List.of(new ModelInfo(MODEL, name(), "muster", 0, CONTEXT_TOKENS)));
  }

  @Override
  public ProviderCall call(Job job, Answer answer) {
    DemoCall call = new DemoCall(vertx, tokenDelayMs, job.stream(), answer);
    if (job.body().length > ModelClient.LARGE) {
      vertx
          .executeBlocking(() -> text(job), false)
          .onSuccess(call::start)
          .onFailure(e -> call.fail(Fault.from(e)));
    } else {
      vertx.runOnContext(v -> start(call, job));
    }
    return call;
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }

  private void start(DemoCall call, Job job) {
    DemoText text;
    try {
      text = text(job);
    } catch (RuntimeException e) {
      call.fail(Fault.from(e));
      return;
    }
    call.start(text);
  }

  private DemoText text(Job job) {
    DemoRequest request = DemoRequest.read(job.body());
    List<DemoToolUse.Call> calls =
        DemoToolUse.calls(request.last(), request.answered(), request.tools());
    if (!calls.isEmpty()) {
      int tokens = calls.stream().mapToInt(call -> DemoTokens.count(call.arguments()) + 1).sum();
      return new DemoText(
          "chatcmpl-" + job.id(),
          clock.millis() / 1000,
          List.of(),
          calls,
          "tool_calls",
          new Usage(request.promptTokens(), tokens, false));
    }
    String told = DemoToolUse.reply(request.last(), request.answered(), request.tools());
    String reply = told == null ? DemoReply.to(request.users()) : told;
    for (String stop : request.stops()) {
      int at = reply.indexOf(stop);
      reply = at < 0 ? reply : reply.substring(0, at);
    }
    List<String> tokens = DemoTokens.split(reply);
    boolean cut = tokens.size() > request.maxTokens();
    tokens = cut ? tokens.subList(0, request.maxTokens()) : tokens;
    return new DemoText(
        "chatcmpl-" + job.id(),
        clock.millis() / 1000,
        tokens,
        List.of(),
        cut ? "length" : "stop",
        new Usage(request.promptTokens(), tokens.size(), false));
  }

  /** A whole answer. */
  record DemoText(
      String id,
      long created,
      List<String> tokens,
      List<DemoToolUse.Call> calls,
      String finishReason,
      Usage usage) {

    String callId(int index) {
      return "call_" + id.replaceAll("[^A-Za-z0-9]", "") + "_" + index;
    }

    byte[] completion() {
      ArrayNode toolCalls = Json.MAPPER.createArrayNode();
      for (DemoToolUse.Call call : calls) {
        Completion.addToolCall(toolCalls, callId(toolCalls.size()), call.name(), call.arguments());
      }
      return new Completion(
              id,
              created,
              MODEL,
              calls.isEmpty() ? String.join("", tokens) : null,
              null,
              toolCalls,
              finishReason,
              usage)
          .result()
          .body();
    }
  }
}
