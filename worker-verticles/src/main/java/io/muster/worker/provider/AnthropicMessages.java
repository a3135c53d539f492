package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.muster.bus.FaultException;
import io.muster.job.Usage;
import java.io.IOException;
import java.time.Clock;

/** Makes OpenAI's completion out of Anthropic's whole message. */
record AnthropicMessages(ProviderFaults faults, Clock clock) implements WholeAnswer.Converter {
  @Override
  public WholeAnswer.Result convert(byte[] json) throws IOException {
    JsonNode message = Json.MAPPER.readTree(json);
    if (message == null || !message.isObject()) {
      throw new IOException("no JSON object");
    }
    if (message.has("error")) {
      throw new FaultException(faults.ofError(message.get("error").toString()));
    }
    if (!message.path("content").isArray()) {
      throw new IOException("no message");
    }
    StringBuilder text = new StringBuilder();
    StringBuilder reasoning = new StringBuilder();
    ArrayNode toolCalls = Json.MAPPER.createArrayNode();
    for (JsonNode block : message.path("content")) {
      switch (block.path("type").asText("")) {
        case "text" -> text.append(block.path("text").asText(""));
        case "thinking" -> reasoning.append(block.path("thinking").asText(""));
        case "tool_use" ->
            Completion.addToolCall(
                toolCalls,
                block.path("id").asText(),
                block.path("name").asText(),
                block.path("input").toString());
        default -> {
          // What its own tools did there is not for OpenAI's clients.
        }
      }
    }
    return new Completion(
            message.path("id").asText(),
            clock.millis() / 1000,
            message.path("model").asText(),
            text.length() == 0 && !toolCalls.isEmpty() ? null : text.toString(),
            reasoning.length() == 0 ? null : reasoning.toString(),
            toolCalls,
            finishReason(message.path("stop_reason").asText("")),
            usage(message.path("usage"), 0))
        .result();
  }

  /** OpenAI's name for Anthropic's {@code stop_reason}. */
  static String finishReason(String stopReason) {
    return switch (stopReason) {
      case "max_tokens", "model_context_window_exceeded" -> "length";
      case "tool_use" -> "tool_calls";
      case "refusal" -> "content_filter";
      default -> "stop";
    };
  }

  /**
   * What it took; tokens read from and written to its cache are part of the prompt.
   *
   * @param promptTokens where this part of a stream does not say
   */
  static Usage usage(JsonNode usage, int promptTokens) {
    int prompt =
        usage.path("input_tokens").asInt(0)
            + usage.path("cache_creation_input_tokens").asInt(0)
            + usage.path("cache_read_input_tokens").asInt(0);
    return new Usage(
        prompt > 0 ? prompt : promptTokens, usage.path("output_tokens").asInt(0), false);
  }
}
