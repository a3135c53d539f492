package io.muster.hub.llm;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.http.Answers;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.hub.quota.Refusal;
import io.muster.job.Usage;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** The frames that answer an {@code llm_request}, as the reference gives them. */
final class LlmFrames {
  static final String RESPONSE = "llm_response";
  static final String STREAM = "llm_response_stream";

  private final String requestId;
  private final String nodeId;

  LlmFrames(String requestId, String nodeId) {
    this.requestId = requestId;
    this.nodeId = nodeId;
  }

  JsonObject answer(String content, Usage usage, String finishReason, JsonArray toolCalls) {
    JsonObject frame = frame().put("success", true).put("content", content);
    if (usage != null) {
      frame.put("usage", usage(usage));
    }
    if (finishReason != null) {
      frame.put("finishReason", finishReason);
    }
    return toolCalls == null ? frame : frame.put("toolCalls", toolCalls);
  }

  JsonObject failure(JsonObject error) {
    return frame().put("success", false).put("error", error);
  }

  /** The next piece; {@code thinking} and {@code toolCalls} where it has any. */
  JsonObject chunk(Answers.Part part, long now) {
    JsonObject delta = new JsonObject().put("role", "assistant").put("content", part.content());
    if (!part.thinking().isEmpty()) {
      delta.put("reasoning_content", part.thinking());
    }
    if (part.toolCalls().isArray()) {
      delta.put("tool_calls", new JsonArray(part.toolCalls().toString()));
    }
    return piece(part.content(), false, now).put("delta", delta);
  }

  /** Keeps the connection alive, and means nothing. */
  JsonObject keepAlive(long now) {
    return piece("", false, now);
  }

  JsonObject last(Usage usage, long now) {
    return piece("", true, now).put("usage", usage(usage));
  }

  private JsonObject piece(String chunk, boolean done, long now) {
    return frame().put("chunk", chunk).put("done", done).put("timestamp", now);
  }

  private JsonObject frame() {
    return new JsonObject().put("requestId", requestId).put("nodeId", nodeId);
  }

  static JsonObject usage(Usage usage) {
    return new JsonObject()
        .put("promptTokens", usage.promptTokens())
        .put("completionTokens", usage.completionTokens())
        .put("totalTokens", usage.totalTokens());
  }

  /** {@code {code, message, details?}}. */
  static JsonObject error(Throwable cause) {
    if (cause instanceof QuotaExceeded exceeded) {
      Refusal refusal = exceeded.refusal();
      return error("quota_exceeded", refusal.message())
          .put(
              "details",
              new JsonObject()
                  .put("what", refusal.what().label())
                  .put("limit", refusal.limit())
                  .put("used", refusal.used())
                  .put("requested", refusal.wanted())
                  .put("retryAfterMs", refusal.retryAfterMs()));
    }
    Fault fault = Fault.from(cause);
    JsonObject error = error(code(fault.failure()), fault.message());
    JsonObject details = new JsonObject();
    if (fault.retryAfterMs() > 0) {
      details.put("retryAfterMs", fault.retryAfterMs());
    }
    if (fault.detail() != null && fault.failure().httpStatus() < 500) {
      try {
        details.put("provider", new JsonObject(fault.detail()));
      } catch (DecodeException e) {
        // The provider's error is no JSON object: its message says it.
      }
    }
    return details.isEmpty() ? error : error.put("details", details);
  }

  private static JsonObject error(String code, String message) {
    return new JsonObject().put("code", code).put("message", message);
  }

  private static String code(Failure failure) {
    return switch (failure) {
      case BAD_REQUEST -> "invalid_request";
      case INTERNAL -> "internal_error";
      case DEADLINE -> "deadline_exceeded";
      case TOO_LARGE -> "request_too_large";
      default -> failure.name().toLowerCase(Locale.ROOT);
    };
  }
}
