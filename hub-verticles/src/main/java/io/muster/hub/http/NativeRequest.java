package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The body of the hub's own chat interface.
 *
 * @param sessionId null to begin a session
 * @param model null for the fleet's default
 * @param companion who is talked to, null for the fleet itself
 * @param tools the fleet's tools that the answer may use, null for none
 */
record NativeRequest(
    String sessionId,
    String message,
    boolean stream,
    String model,
    String companion,
    ToolWish tools) {
  /** Reads it; throws an {@link ApiException} that names the field that is wrong. */
  static NativeRequest of(ObjectNode body) {
    String message = text(body, "message");
    if (message == null) {
      throw ApiError.invalid(
              "message",
              "'message' is missing: a string (or 'messages', an array, for Ollama's form).")
          .asException();
    }
    return new NativeRequest(
        text(body, "session_id"),
        message,
        flag(body, "stream", false),
        text(body, "model"),
        text(body, "companion"),
        ToolWish.of(body.get("tools"), "tools"));
  }

  /** The text of a field, null where it is missing or null. */
  static String text(ObjectNode body, String field) {
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) {
      return null;
    }
    if (!value.isTextual()) {
      throw wrong(field, "a string", value);
    }
    return value.textValue();
  }

  static boolean flag(ObjectNode body, String field, boolean missing) {
    JsonNode value = body.get(field);
    if (value == null || value.isNull()) {
      return missing;
    }
    if (!value.isBoolean()) {
      throw wrong(field, "true or false", value);
    }
    return value.booleanValue();
  }

  static ApiException wrong(String field, String expected, JsonNode value) {
    return ApiError.invalid(
            field, "'" + field + "' has to be " + expected + ", not " + kind(value) + ".")
        .asException();
  }

  private static String kind(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "an array";
      case STRING -> "a string";
      case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number";
      case BOOLEAN -> "a boolean";
      default -> "null";
    };
  }
}
