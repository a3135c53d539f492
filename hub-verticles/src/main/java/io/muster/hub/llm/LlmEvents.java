package io.muster.hub.llm;

import io.muster.job.Usage;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** What of one {@code llm_request} is told to the fleet; never what was said in it. */
final class LlmEvents {
  private final BiConsumer<String, Map<String, Object>> emit;
  private final String requestId;
  private final String nodeId;
  private final long intervalNanos;
  private long chunks;
  private long characters;
  private long told;

  /**
   * @param intervalMs of the pieces one event in so many milliseconds; 0 for none
   */
  LlmEvents(
      BiConsumer<String, Map<String, Object>> emit,
      String requestId,
      String nodeId,
      long intervalMs,
      long nowNanos) {
    this.emit = emit;
    this.requestId = requestId;
    this.nodeId = nodeId;
    this.intervalNanos = intervalMs * 1_000_000;
    this.told = nowNanos - intervalNanos;
  }

  void started(String model, boolean stream) {
    Map<String, Object> data = data();
    data.put("model", model);
    data.put("stream", stream);
    emit.accept("llm_proxy_started", data);
  }

  void chunk(int length, long nowNanos) {
    chunks++;
    characters += length;
    if (intervalNanos > 0 && nowNanos - told >= intervalNanos) {
      told = nowNanos;
      emit.accept("llm_proxy_stream_chunk", counted());
    }
  }

  void completed(boolean stream, Usage usage, long elapsedMs) {
    Map<String, Object> data = stream ? counted() : data();
    data.put("usage", LlmFrames.usage(usage).getMap());
    data.put("durationMs", elapsedMs);
    emit.accept(stream ? "llm_proxy_stream_completed" : "llm_proxy_completed", data);
    if (stream) {
      emit.accept("llm_proxy_completed", data);
    }
  }

  void failed(JsonObject error, long elapsedMs) {
    Map<String, Object> data = data();
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("code", error.getString("code"));
    said.put("message", error.getString("message"));
    data.put("error", said);
    data.put("durationMs", elapsedMs);
    emit.accept("llm_proxy_failed", data);
  }

  private Map<String, Object> counted() {
    Map<String, Object> data = data();
    data.put("chunks", chunks);
    data.put("characters", characters);
    return data;
  }

  private Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("requestId", requestId);
    data.put("nodeId", nodeId);
    return data;
  }
}
