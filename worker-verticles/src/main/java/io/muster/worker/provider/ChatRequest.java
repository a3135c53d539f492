package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * OpenAI's chat request as a tree, for providers that speak another protocol and have to take it
 * apart. A message that they cannot express is refused with the name of the member that is in the
 * way; parameters that they have no word for are left out.
 */
record ChatRequest(JsonNode json) {

  /** An image of a message: in the request itself, or to be fetched by the server. */
  record Image(String mediaType, String base64, String url) {}

  /**
   * Reads it.
   *
   * @throws FaultException {@link Failure#BAD_REQUEST}
   */
  static ChatRequest read(byte[] body) {
    JsonNode json;
    try {
      json = Json.MAPPER.readTree(body);
    } catch (IOException e) {
      throw refuse(null, "the request is not valid JSON");
    }
    if (json == null || !json.path("messages").isArray()) {
      throw refuse("messages", "messages: an array is expected");
    }
    return new ChatRequest(json);
  }

  JsonNode messages() {
    return json.path("messages");
  }

  /** A member; one that is null is as good as missing. */
  JsonNode get(String name) {
    JsonNode value = json.path(name);
    return value.isNull() ? json.path("") : value;
  }

  /** The most tokens that are wanted, 0 when the request does not say. */
  int maxTokens() {
    return get("max_completion_tokens").asInt(get("max_tokens").asInt(0));
  }

  List<String> stops() {
    List<String> stops = new ArrayList<>();
    JsonNode stop = get("stop");
    if (stop.isTextual()) {
      stops.add(stop.asText());
    }
    stop.forEach(each -> stops.add(each.asText("")));
    return stops;
  }

  /** Copies members that are there, under the same names. */
  void copy(ObjectNode into, String... names) {
    for (String name : names) {
      JsonNode value = get(name);
      if (!value.isMissingNode()) {
        into.set(name, value);
      }
    }
  }

  /** All text of a message's content. */
  static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      if (text.length() > 0 && part.has("text")) {
        text.append('\n');
      }
      text.append(part.path("text").asText(""));
    }
    return text.toString();
  }

  /**
   * The image of a part of a message.
   *
   * @param where the part, to name it in a refusal
   */
  static Image image(JsonNode part, String where) {
    JsonNode image = part.path("image_url");
    String url = image.isTextual() ? image.asText() : image.path("url").asText("");
    if (!url.startsWith("data:")) {
      if (url.startsWith("http://") || url.startsWith("https://")) {
        return new Image(null, null, url);
      }
      throw refuse(where, where + ".image_url.url: a data: or http(s): URL is expected");
    }
    int comma = url.indexOf(',');
    if (comma < 0 || !url.substring(0, comma).endsWith(";base64")) {
      throw refuse(where, where + ".image_url.url: base64 data is expected");
    }
    String type = url.substring("data:".length(), url.indexOf(';'));
    return new Image(type.isEmpty() ? "image/png" : type, url.substring(comma + 1), null);
  }

  /** A tool call's arguments as an object, as most protocols but OpenAI's want them. */
  static JsonNode arguments(JsonNode toolCall) {
    JsonNode arguments = toolCall.path("function").path("arguments");
    if (arguments.isObject()) {
      return arguments;
    }
    String text = arguments.asText("");
    try {
      JsonNode parsed = text.isBlank() ? null : Json.MAPPER.readTree(text);
      if (parsed != null && parsed.isObject()) {
        return parsed;
      }
    } catch (IOException e) {
      // What a model once wrote stays in the conversation, so it cannot be refused each time.
      return Json.MAPPER.createObjectNode().put("arguments", text);
    }
    return Json.MAPPER.createObjectNode();
  }

  /** A refusal in OpenAI's form. */
  static FaultException refuse(String param, String message) {
    ObjectNode detail = Json.MAPPER.createObjectNode();
    detail.put("message", message);
    detail.put("type", "invalid_request_error");
    detail.put("param", param);
    detail.putNull("code");
    return new FaultException(new Fault(Failure.BAD_REQUEST, message, 0, detail.toString()));
  }
}
