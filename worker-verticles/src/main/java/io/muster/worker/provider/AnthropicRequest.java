package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.util.List;

/**
 * Makes Anthropic's messages request out of OpenAI's chat request: system texts go to the top,
 * results of tools into the user's turn, and what follows in one role becomes one message.
 */
final class AnthropicRequest {
  /** From this version on these are refused. */
  private static final String WITHOUT_SAMPLING = "2026-10-21";

  private final ChatRequest request;
  private final ObjectNode out = Json.MAPPER.createObjectNode();
  private final StringBuilder system = new StringBuilder();
  private final ArrayNode messages = Json.MAPPER.createArrayNode();
  private String role;
  private ArrayNode blocks;

  private AnthropicRequest(ChatRequest request) {
    this.request = request;
  }

  /**
   * The request's body.
   *
   * @param version of Anthropic's protocol
   * @param maxTokens where the request names no limit, which Anthropic requires
   * @throws FaultException {@link Failure#BAD_REQUEST} for what cannot be expressed there
   */
  static byte[] convert(byte[] body, String model, boolean stream, String version, int maxTokens) {
    AnthropicRequest converted = new AnthropicRequest(ChatRequest.read(body));
    converted.parameters(model, stream, version, maxTokens);
    converted.messages();
    converted.tools();
    try {
      return Json.MAPPER.writeValueAsBytes(converted.out);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private void parameters(String model, boolean stream, String version, int maxTokens) {
    if (request.get("n").asInt(1) != 1) {
      throw ChatRequest.refuse("n", "n: Anthropic's models give one choice");
    }
    out.put("model", model);
    out.put("max_tokens", request.maxTokens() > 0 ? request.maxTokens() : maxTokens);
    out.put("stream", stream);
    if (version.compareTo(WITHOUT_SAMPLING) < 0) {
      sampling();
    }
    request.copy(out, "thinking");
    List<String> stops = request.stops();
    // It refuses those that are nothing but space.
    stops.removeIf(String::isBlank);
    if (!stops.isEmpty()) {
      stops.forEach(out.putArray("stop_sequences")::add);
    }
    JsonNode user = request.get("user");
    if (user.isTextual()) {
      out.putObject("metadata").set("user_id", user);
    }
  }

  private void sampling() {
    JsonNode temperature = request.get("temperature");
    if (temperature.isNumber()) {
      // OpenAI's goes to 2, and newer models take only one of the two.
      out.put("temperature", Math.min(1.0, temperature.asDouble()));
    } else {
      request.copy(out, "top_p");
    }
    request.copy(out, "top_k");
  }

  private void messages() {
    int i = 0;
    for (JsonNode message : request.messages()) {
      String where = "messages[" + i++ + "]";
      JsonNode content = message.path("content");
      switch (message.path("role").asText("")) {
        case "system", "developer" -> system(ChatRequest.text(content));
        case "assistant" -> assistant(message, content, where);
        case "tool" -> toolResult(message, content, where);
        default -> content(turn("user"), content, where);
      }
    }
    endTurn();
    if (system.length() > 0) {
      out.put("system", system.toString());
    }
    if (messages.isEmpty()) {
      throw ChatRequest.refuse("messages", "messages: Anthropic needs a user's message");
    }
    out.set("messages", messages);
  }

  private void system(String text) {
    if (!text.isBlank()) {
      system.append(system.length() == 0 ? "" : "\n\n").append(text);
    }
  }

  private void assistant(JsonNode message, JsonNode content, String where) {
    ArrayNode into = turn("assistant");
    content(into, content, where);
    for (JsonNode call : message.path("tool_calls")) {
      ObjectNode use = into.addObject();
      use.put("type", "tool_use");
      use.put("id", toolId(call.path("id")));
      use.put("name", call.path("function").path("name").asText());
      use.set("input", ChatRequest.arguments(call));
    }
  }

  private void toolResult(JsonNode message, JsonNode content, String where) {
    ArrayNode into = turn("user");
    ObjectNode result = Json.MAPPER.createObjectNode();
    result.put("type", "tool_result");
    result.put("tool_use_id", toolId(message.path("tool_call_id")));
    if (content.isArray()) {
      content(result.putArray("content"), content, where);
    } else {
      result.put("content", content.asText(""));
    }
    into.add(result);
  }

  /** It takes no other characters, and another model may have begun the conversation. */
  private static String toolId(JsonNode id) {
    return id.asText("").replaceAll("[^A-Za-z0-9_-]", "_");
  }

  private static void content(ArrayNode into, JsonNode content, String where) {
    if (!content.isArray()) {
      text(into, content.asText(""));
      return;
    }
    int i = 0;
    for (JsonNode part : content) {
      String partOf = where + ".content[" + i++ + "]";
      String type = part.path("type").asText("");
      switch (type) {
        case "text" -> text(into, part.path("text").asText(""));
        case "refusal" -> text(into, part.path("refusal").asText(""));
        case "image_url" -> image(into, ChatRequest.image(part, partOf));
        case "file" -> file(into, part.path("file"), partOf);
        default ->
            throw ChatRequest.refuse(
                partOf + ".type", partOf + ".type: Anthropic's models do not take " + type);
      }
    }
  }

  /** It refuses empty texts. */
  private static void text(ArrayNode into, String text) {
    if (!text.isEmpty()) {
      into.addObject().put("type", "text").put("text", text);
    }
  }

  private static void image(ArrayNode into, ChatRequest.Image image) {
    ObjectNode source = into.addObject().put("type", "image").putObject("source");
    if (image.url() != null) {
      source.put("type", "url").put("url", image.url());
    } else {
      source.put("type", "base64");
      source.put("media_type", image.mediaType()).put("data", image.base64());
    }
  }

  private static void file(ArrayNode into, JsonNode file, String where) {
    String prefix = "data:application/pdf;base64,";
    String data = file.path("file_data").asText("");
    if (!data.startsWith(prefix)) {
      throw ChatRequest.refuse(where, where + ".file.file_data: a PDF as a data: URL is expected");
    }
    ObjectNode source = into.addObject().put("type", "document").putObject("source");
    source.put("type", "base64").put("media_type", "application/pdf");
    source.put("data", data.substring(prefix.length()));
  }

  /** The blocks of the message that the role goes on with, or begins. */
  private ArrayNode turn(String wanted) {
    if (!wanted.equals(role)) {
      endTurn();
      role = wanted;
      blocks = Json.MAPPER.createArrayNode();
    }
    return blocks;
  }

  private void endTurn() {
    if (role != null && !blocks.isEmpty()) {
      ObjectNode message = messages.addObject().put("role", role);
      JsonNode first = blocks.get(0);
      if (blocks.size() == 1 && first.path("type").asText().equals("text")) {
        message.set("content", first.get("text"));
      } else {
        message.set("content", blocks);
      }
    }
  }

  private void tools() {
    JsonNode tools = request.get("tools");
    if (!tools.isArray() || tools.isEmpty()) {
      return;
    }
    ArrayNode into = out.putArray("tools");
    for (JsonNode tool : tools) {
      JsonNode function = tool.path("function");
      ObjectNode one = into.addObject().put("name", function.path("name").asText());
      if (function.path("description").isTextual()) {
        one.set("description", function.get("description"));
      }
      if (function.path("parameters").isObject()) {
        one.set("input_schema", function.get("parameters"));
      } else {
        one.putObject("input_schema").put("type", "object").putObject("properties");
      }
    }
    toolChoice();
  }

  private void toolChoice() {
    JsonNode choice = request.get("tool_choice");
    String type =
        switch (choice.asText("")) {
          case "required" -> "any";
          case "none" -> "none";
          default -> choice.isObject() ? "tool" : "auto";
        };
    boolean oneAtATime =
        request.get("parallel_tool_calls").isBoolean()
            && !request.get("parallel_tool_calls").asBoolean();
    if (choice.isMissingNode() && !oneAtATime) {
      return;
    }
    ObjectNode into = out.putObject("tool_choice").put("type", type);
    if (type.equals("tool")) {
      into.put("name", choice.path("function").path("name").asText());
    }
    if (oneAtATime && !type.equals("none")) {
      into.put("disable_parallel_tool_use", true);
    }
  }
}
