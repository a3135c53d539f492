package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Checks one message of a chat completion request. */
final class MessageReader {
  private static final String ROLES =
      "one of system, developer, user, assistant, tool and function";

  private final JsonParser in;
  private final Fields fields;

  MessageReader(JsonParser in, Fields fields) {
    this.in = in;
    this.fields = fields;
  }

  /**
   * Reads the object that begins here.
   *
   * @return whether it is the user's
   */
  boolean read(int index) throws IOException {
    String role = null;
    boolean content = false;
    String name;
    while ((name = in.nextFieldName()) != null) {
      in.nextToken();
      switch (name) {
        case "role" -> role = role(index);
        case "content" -> content = content(index);
        case "name", "tool_call_id", "refusal" -> fields.text(param(index, name));
        case "tool_calls" -> toolCalls(index);
        case "function_call" -> fields.object(param(index, name));
        default -> in.skipChildren();
      }
    }
    if (role == null) {
      throw missing(param(index, "role"), ROLES);
    }
    if (!content && !role.equals("assistant") && !role.equals("function")) {
      throw missing(param(index, "content"), "a string or an array of parts");
    }
    return role.equals("user");
  }

  private String role(int index) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw fields.wrong(param(index, "role"), ROLES);
    }
    String role = in.getText();
    return switch (role) {
      case "user", "assistant", "system", "developer", "tool", "function" -> role;
      default ->
          throw ApiError.invalid(
                  param(index, "role"),
                  "'"
                      + param(index, "role")
                      + "' has to be "
                      + ROLES
                      + ", not '"
                      + brief(role)
                      + "'.")
              .asException();
    };
  }

  /** Whether there is any: null counts as none. */
  private boolean content(int index) throws IOException {
    switch (in.currentToken()) {
      case VALUE_STRING -> {
        return true;
      }
      case VALUE_NULL -> {
        return false;
      }
      case START_ARRAY -> {
        int part = 0;
        while (in.nextToken() == JsonToken.START_OBJECT) {
          part(index, part++);
        }
        if (in.currentToken() != JsonToken.END_ARRAY) {
          throw fields.wrong(param(index, "content[" + part + "]"), "an object with a 'type'");
        }
        if (part == 0) {
          throw missing(param(index, "content"), "a string or an array of at least one part");
        }
        return true;
      }
      default -> throw fields.wrong(param(index, "content"), "a string or an array of parts");
    }
  }

  private void part(int index, int part) throws IOException {
    String type = null;
    boolean text = false;
    String name;
    while ((name = in.nextFieldName()) != null) {
      in.nextToken();
      switch (name) {
        case "type" -> type = fields.string(partParam(index, part, name));
        case "text" -> {
          fields.text(partParam(index, part, name));
          text = in.currentToken() == JsonToken.VALUE_STRING;
        }
        case "image_url" -> fields.stringOrObject(partParam(index, part, name));
        case "input_audio", "file" -> fields.object(partParam(index, part, name));
        default -> in.skipChildren();
      }
    }
    if (type == null) {
      throw missing(partParam(index, part, "type"), "a string such as 'text' or 'image_url'");
    }
    if (type.equals("text") && !text) {
      throw missing(partParam(index, part, "text"), "a string");
    }
  }

  private void toolCalls(int index) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw fields.wrong(param(index, "tool_calls"), "an array");
    }
    int call = 0;
    while (in.nextToken() == JsonToken.START_OBJECT) {
      toolCall(index, call++);
    }
    if (in.currentToken() != JsonToken.END_ARRAY) {
      throw fields.wrong(param(index, "tool_calls[" + call + "]"), "an object");
    }
  }

  private void toolCall(int index, int call) throws IOException {
    String name;
    while ((name = in.nextFieldName()) != null) {
      in.nextToken();
      switch (name) {
        case "id", "type" -> fields.text(param(index, "tool_calls[" + call + "]." + name));
        case "function" -> function(index, call);
        default -> in.skipChildren();
      }
    }
  }

  private void function(int index, int call) throws IOException {
    if (!fields.begunObject(param(index, "tool_calls[" + call + "].function"))) {
      return;
    }
    String name;
    while ((name = in.nextFieldName()) != null) {
      in.nextToken();
      if (name.equals("name") || name.equals("arguments")) {
        fields.text(param(index, "tool_calls[" + call + "].function." + name));
      } else {
        in.skipChildren();
      }
    }
  }

  private static ApiException missing(String param, String expected) {
    return ApiError.invalid(param, "'" + param + "' is missing: it has to be " + expected + ".")
        .asException();
  }

  private static String brief(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static String param(int index, String name) {
    return "messages[" + index + "]." + name;
  }

  private static String partParam(int index, int part, String name) {
    return param(index, "content[" + part + "]." + name);
  }
}
