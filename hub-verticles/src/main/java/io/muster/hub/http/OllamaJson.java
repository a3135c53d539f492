package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import java.time.Clock;
import java.time.Instant;
import java.util.List;

/** What Ollama's interface answers, as JSON. */
final class OllamaJson {
  private final Clock clock;

  OllamaJson(Clock clock) {
    this.clock = clock;
  }

  /** One line of a stream. */
  byte[] piece(String model, String content, String thinking, ArrayNode toolCalls) {
    ObjectNode line = begin(model);
    message(line, content, thinking, toolCalls);
    return line(line.put("done", false));
  }

  /**
   * The last line of a stream, or the whole answer.
   *
   * @param firstNanos how long it took to the first piece; 0 when that is not known
   * @param totalNanos how long it took in all
   */
  ObjectNode last(
      String model, String finishReason, Usage usage, long firstNanos, long totalNanos) {
    Usage tokens = usage == null ? Usage.NONE : usage;
    ObjectNode last = begin(model);
    message(last, "", "", null);
    return last.put("done_reason", "length".equals(finishReason) ? "length" : "stop")
        .put("done", true)
        .put("total_duration", totalNanos)
        .put("load_duration", 0)
        .put("prompt_eval_count", tokens.promptTokens())
        .put("prompt_eval_duration", firstNanos)
        .put("eval_count", tokens.completionTokens())
        .put("eval_duration", totalNanos - firstNanos);
  }

  void message(ObjectNode into, String content, String thinking, ArrayNode toolCalls) {
    ObjectNode message = into.putObject("message");
    message.put("role", "assistant").put("content", content);
    if (!thinking.isEmpty()) {
      message.put("thinking", thinking);
    }
    if (toolCalls != null && !toolCalls.isEmpty()) {
      message.set("tool_calls", toolCalls);
    }
  }

  byte[] loaded(String model) {
    ObjectNode answer = begin(model);
    message(answer, "", "", null);
    return HttpJson.bytes(answer.put("done_reason", "load").put("done", true));
  }

  /** One of Ollama's tool calls; OpenAI's arguments are text that holds an object. */
  static void toolCall(ArrayNode into, String name, String arguments) {
    ObjectNode function = into.addObject().putObject("function");
    function.put("name", name);
    function.set("arguments", arguments(arguments));
  }

  private static JsonNode arguments(String text) {
    try {
      JsonNode parsed = HttpJson.MAPPER.readTree(text);
      if (parsed.isObject()) {
        return parsed;
      }
    } catch (JsonProcessingException e) {
      // Not what it should be: handed on as it is, below.
    }
    ObjectNode kept = HttpJson.MAPPER.createObjectNode();
    return text.isBlank() ? kept : kept.put("_text", text);
  }

  byte[] tags(List<ModelInfo> models) {
    ObjectNode tags = HttpJson.MAPPER.createObjectNode();
    ArrayNode list = tags.putArray("models");
    for (ModelInfo model : models) {
      list.addObject()
          .put("name", model.id())
          .put("model", model.id())
          .put("modified_at", modified(model))
          .put("size", 0)
          .put("digest", "")
          .set("details", details());
    }
    return HttpJson.bytes(tags);
  }

  byte[] show(ModelInfo model) {
    ObjectNode show = HttpJson.MAPPER.createObjectNode();
    show.put("modelfile", "").put("parameters", "").put("template", "");
    show.set("details", details());
    ObjectNode info = show.putObject("model_info");
    info.put("general.architecture", model.provider()).put("general.basename", model.id());
    if (model.contextTokens() > 0) {
      info.put(model.provider() + ".context_length", model.contextTokens());
    }
    show.putArray("capabilities").add("completion");
    show.put("modified_at", modified(model));
    return HttpJson.bytes(show);
  }

  /** What the fleet does not know of its models, in the types that clients expect. */
  private static ObjectNode details() {
    ObjectNode details = HttpJson.MAPPER.createObjectNode();
    details.put("parent_model", "").put("format", "").put("family", "");
    details.putArray("families");
    return details.put("parameter_size", "").put("quantization_level", "");
  }

  private static String modified(ModelInfo model) {
    return NativeJson.TIME.format(Instant.ofEpochSecond(model.created()));
  }

  private ObjectNode begin(String model) {
    return HttpJson.MAPPER
        .createObjectNode()
        .put("model", model)
        .put("created_at", NativeJson.TIME.format(clock.instant()));
  }

  static byte[] line(ObjectNode json) {
    byte[] bytes = HttpJson.bytes(json);
    byte[] line = java.util.Arrays.copyOf(bytes, bytes.length + 1);
    line[bytes.length] = '\n';
    return line;
  }
}
