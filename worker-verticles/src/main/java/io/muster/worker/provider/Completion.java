package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.job.Usage;

/**
 * A whole answer in OpenAI's form, for servers that speak another.
 *
 * @param created seconds since 1970
 * @param text null when there is none beside tool calls
 * @param reasoning thoughts that are no part of the answer, null when there are none
 * @param toolCalls OpenAI's, may be empty
 */
record Completion(
    String id,
    long created,
    String model,
    String text,
    String reasoning,
    ArrayNode toolCalls,
    String finishReason,
    Usage usage) {

  WholeAnswer.Result result() {
    ObjectNode json = Json.MAPPER.createObjectNode();
    json.put("id", id);
    json.put("object", "chat.completion");
    json.put("created", created);
    json.put("model", model);
    ObjectNode choice = json.putArray("choices").addObject();
    choice.put("index", 0);
    ObjectNode message = choice.putObject("message");
    message.put("role", "assistant");
    message.put("content", text);
    message.putNull("refusal");
    if (reasoning != null) {
      message.put("reasoning_content", reasoning);
    }
    if (!toolCalls.isEmpty()) {
      message.set("tool_calls", toolCalls);
    }
    choice.putNull("logprobs");
    choice.put("finish_reason", finishReason);
    ObjectNode took = json.putObject("usage");
    took.put("prompt_tokens", usage.promptTokens());
    took.put("completion_tokens", usage.completionTokens());
    took.put("total_tokens", usage.totalTokens());
    try {
      return new WholeAnswer.Result(finishReason, usage, Json.MAPPER.writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  /** Adds a tool call as OpenAI writes it. */
  static void addToolCall(ArrayNode toolCalls, String id, String name, String arguments) {
    ObjectNode call = toolCalls.addObject();
    call.put("id", id);
    call.put("type", "function");
    call.putObject("function").put("name", name).put("arguments", arguments);
  }
}
