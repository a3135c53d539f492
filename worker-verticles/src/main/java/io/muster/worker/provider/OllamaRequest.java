package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes Ollama's chat request out of OpenAI's. */
final class OllamaRequest {
  private final ChatRequest request;
  private final ObjectNode out = Json.MAPPER.createObjectNode();

  /** Names of the tools by the ids of their calls, since results name their tool there. */
  private final Map<String, String> toolNames = new HashMap<>();

  private OllamaRequest(ChatRequest request) {
    this.request = request;
  }

  /**
   * The request's body.
   *
   * @throws FaultException {@link Failure#BAD_REQUEST} for what cannot be expressed there
   */
  static byte[] convert(byte[] body, String model, boolean stream) {
    OllamaRequest converted = new OllamaRequest(ChatRequest.read(body));
    converted.parameters(model, stream);
    converted.messages();
    try {
      return Json.MAPPER.writeValueAsBytes(converted.out);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  private void parameters(String model, boolean stream) {
    if (request.get("n").asInt(1) != 1) {
      throw ChatRequest.refuse("n", "n: Ollama gives one choice");
    }
    out.put("model", model);
    out.put("stream", stream);
    JsonNode choice = request.get("tool_choice");
    if (!choice.asText("").equals("none")) {
      request.copy(out, "tools");
    }
    request.copy(out, "keep_alive");
    JsonNode effort = request.get("reasoning_effort");
    if (effort.isTextual()) {
      if (effort.asText().equals("none")) {
        out.put("think", false);
      } else {
        out.set("think", effort);
      }
    }
    JsonNode format = request.get("response_format");
    switch (format.path("type").asText("")) {
      case "json_object" -> out.put("format", "json");
      case "json_schema" -> out.set("format", format.path("json_schema").path("schema"));
      default -> {}
    }
    ObjectNode options = Json.MAPPER.createObjectNode();
    request.copy(
        options,
        "temperature",
        "top_p",
        "top_k",
        "min_p",
        "seed",
        "frequency_penalty",
        "presence_penalty");
    if (request.maxTokens() > 0) {
      options.put("num_predict", request.maxTokens());
    }
    List<String> stops = request.stops();
    if (!stops.isEmpty()) {
      stops.forEach(options.putArray("stop")::add);
    }
    if (!options.isEmpty()) {
      out.set("options", options);
    }
  }

  private void messages() {
    ArrayNode messages = out.putArray("messages");
    int i = 0;
    for (JsonNode message : request.messages()) {
      String where = "messages[" + i++ + "]";
      String role = message.path("role").asText("user");
      JsonNode content = message.path("content");
      ObjectNode one = messages.addObject();
      one.put("role", role.equals("developer") ? "system" : role);
      one.put("content", ChatRequest.text(content));
      images(one, content, where);
      toolCalls(one, message.path("tool_calls"));
      if (role.equals("tool")) {
        String id = message.path("tool_call_id").asText("");
        one.put("tool_name", toolNames.getOrDefault(id, message.path("name").asText("")));
        one.put("tool_call_id", id);
      }
    }
  }

  private static void images(ObjectNode message, JsonNode content, String where) {
    if (!content.isArray()) {
      return;
    }
    int i = 0;
    for (JsonNode part : content) {
      String partOf = where + ".content[" + i++ + "]";
      String type = part.path("type").asText("");
      if (type.equals("image_url")) {
        ChatRequest.Image image = ChatRequest.image(part, partOf);
        if (image.base64() == null) {
          throw ChatRequest.refuse(
              partOf, partOf + ".image_url.url: Ollama takes images as data: URLs only");
        }
        message.withArray("images").add(image.base64());
      } else if (!part.has("text")) {
        throw ChatRequest.refuse(partOf + ".type", partOf + ".type: Ollama takes no " + type);
      }
    }
  }

  private void toolCalls(ObjectNode message, JsonNode calls) {
    for (JsonNode call : calls) {
      String name = call.path("function").path("name").asText();
      toolNames.put(call.path("id").asText(), name);
      ObjectNode one = message.withArray("tool_calls").addObject();
      one.set("id", call.path("id"));
      one.putObject("function").put("name", name).set("arguments", ChatRequest.arguments(call));
    }
  }
}
