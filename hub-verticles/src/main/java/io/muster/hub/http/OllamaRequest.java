package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Turns Ollama's chat request into OpenAI's. What OpenAI has no word for is left out. */
final class OllamaRequest {
  /** Options that bear the same name there. */
  private static final List<String> SAME =
      List.of("temperature", "top_p", "seed", "stop", "presence_penalty", "frequency_penalty");

  private static final Set<String> ROLES = Set.of("system", "user", "assistant", "tool");

  private final ObjectNode from;
  private final ObjectNode to = HttpJson.MAPPER.createObjectNode();

  /** Ids of tool calls that have no result yet: Ollama has none, and goes by their order. */
  private final List<String> openCalls = new ArrayList<>();

  private int calls;

  private OllamaRequest(ObjectNode from) {
    this.from = from;
  }

  /**
   * OpenAI's form.
   *
   * @param model as nodes know it
   * @throws ApiException 400, naming the field that is wrong
   */
  static ObjectNode toOpenAi(ObjectNode from, String model, boolean stream) {
    OllamaRequest request = new OllamaRequest(from);
    request.to.put("model", model).put("stream", stream);
    request.messages();
    request.options();
    request.format();
    if (from.hasNonNull("tools")) {
      request.to.set("tools", array(from, "tools"));
    }
    if (from.path("think").isTextual()) {
      request.to.set("reasoning_effort", from.get("think"));
    }
    return request.to;
  }

  private void messages() {
    ArrayNode messages = to.putArray("messages");
    int index = 0;
    for (JsonNode message : array(from, "messages")) {
      String path = "messages[" + index++ + "]";
      if (!(message instanceof ObjectNode object)) {
        throw NativeRequest.wrong(path, "an object with 'role' and 'content'", message);
      }
      messages.add(message(object, path));
    }
  }

  private ObjectNode message(ObjectNode message, String path) {
    JsonNode role = message.path("role");
    if (!role.isTextual() || !ROLES.contains(role.textValue())) {
      throw ApiError.invalid(
              path + ".role", "'" + path + ".role' has to be one of system, user, assistant, tool.")
          .asException();
    }
    ObjectNode out = HttpJson.MAPPER.createObjectNode().put("role", role.textValue());
    String content = text(message, "content", path);
    if (message.hasNonNull("images")) {
      parts(out.putArray("content"), content, message, path);
    } else {
      out.put("content", content);
    }
    if (message.hasNonNull("tool_calls")) {
      toolCalls(out.putArray("tool_calls"), message, path);
    }
    if (role.textValue().equals("tool")) {
      out.put("tool_call_id", callId(message));
    }
    return out;
  }

  private static void parts(ArrayNode parts, String text, ObjectNode message, String path) {
    if (!text.isEmpty()) {
      parts.addObject().put("type", "text").put("text", text);
    }
    int index = 0;
    for (JsonNode image : array(message, "images")) {
      if (!image.isTextual()) {
        throw NativeRequest.wrong(path + ".images[" + index + "]", "a string in base64", image);
      }
      parts
          .addObject()
          .put("type", "image_url")
          .putObject("image_url")
          .put("url", "data:" + mediaType(image.textValue()) + ";base64," + image.textValue());
      index++;
    }
  }

  /** By the first bytes, which Ollama leaves to the model server to look at. */
  private static String mediaType(String base64) {
    if (base64.startsWith("iVBOR")) {
      return "image/png";
    }
    if (base64.startsWith("R0lGOD")) {
      return "image/gif";
    }
    return base64.startsWith("UklGR") ? "image/webp" : "image/jpeg";
  }

  private void toolCalls(ArrayNode out, ObjectNode message, String path) {
    int index = 0;
    for (JsonNode call : array(message, "tool_calls")) {
      String id = "call_" + calls++;
      openCalls.add(id);
      JsonNode function = call.path("function");
      if (!function.path("name").isTextual()) {
        String field = path + ".tool_calls[" + index + "].function.name";
        throw ApiError.invalid(field, "'" + field + "' is missing: it has to be a string.")
            .asException();
      }
      JsonNode arguments = function.path("arguments");
      out.addObject()
          .put("id", id)
          .put("type", "function")
          .putObject("function")
          .put("name", function.get("name").textValue())
          .put(
              "arguments",
              arguments.isTextual()
                  ? arguments.textValue()
                  : arguments.isMissingNode() ? "{}" : arguments.toString());
      index++;
    }
  }

  private String callId(ObjectNode message) {
    if (message.path("tool_call_id").isTextual()) {
      return message.get("tool_call_id").textValue();
    }
    return openCalls.isEmpty() ? "call_" + calls : openCalls.remove(0);
  }

  private void options() {
    JsonNode options = from.path("options");
    if (options.isMissingNode() || options.isNull()) {
      return;
    }
    if (!options.isObject()) {
      throw NativeRequest.wrong("options", "an object", options);
    }
    for (String name : SAME) {
      if (options.hasNonNull(name)) {
        to.set(name, options.get(name));
      }
    }
    JsonNode most = options.path("num_predict");
    if (most.isIntegralNumber() && most.longValue() > 0) {
      to.set("max_tokens", most);
    }
  }

  private void format() {
    JsonNode format = from.path("format");
    if (format.isObject()) {
      to.putObject("response_format")
          .put("type", "json_schema")
          .putObject("json_schema")
          .put("name", "answer")
          .set("schema", format);
    } else if ("json".equals(format.textValue())) {
      to.putObject("response_format").put("type", "json_object");
    } else if (!format.isMissingNode() && !format.isNull() && !format.asText("x").isEmpty()) {
      throw NativeRequest.wrong("format", "'json' or a JSON schema", format);
    }
  }

  private static String text(ObjectNode message, String field, String path) {
    JsonNode value = message.path(field);
    if (value.isMissingNode() || value.isNull()) {
      return "";
    }
    if (!value.isTextual()) {
      throw NativeRequest.wrong(path + "." + field, "a string", value);
    }
    return value.textValue();
  }

  private static ArrayNode array(ObjectNode in, String field) {
    if (in.get(field) instanceof ArrayNode array) {
      return array;
    }
    throw NativeRequest.wrong(field, "an array", in.get(field));
  }
}
