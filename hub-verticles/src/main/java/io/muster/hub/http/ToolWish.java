package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * Which of the fleet's tools a chat may use.
 *
 * @param all whatever is offered when the chat begins
 * @param names these, where not all
 * @param field where the client said so, for errors
 */
public record ToolWish(boolean all, List<String> names, String field) {
  /** No tools. */
  static final ToolWish NONE = new ToolWish(false, List.of(), "muster.tools");

  public ToolWish {
    names = List.copyOf(names);
  }

  /**
   * Reads {@code true}, {@code false} or an array of names.
   *
   * @return null for none
   * @throws RuntimeException 400 naming the field for anything else
   */
  static ToolWish of(JsonNode value, String field) {
    if (value == null || value.isNull() || (value.isBoolean() && !value.booleanValue())) {
      return null;
    }
    if (value.isBoolean()) {
      return new ToolWish(true, List.of(), field);
    }
    if (!value.isArray()) {
      throw NativeRequest.wrong(field, "true, false or an array of tools' names", value);
    }
    List<String> names = new ArrayList<>();
    for (JsonNode name : value) {
      if (!name.isTextual()) {
        throw NativeRequest.wrong(field + "[" + names.size() + "]", "the name of a tool", name);
      }
      names.add(name.textValue());
    }
    return names.isEmpty() ? null : new ToolWish(false, names, field);
  }
}
