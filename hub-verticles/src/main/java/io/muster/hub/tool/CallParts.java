package io.muster.hub.tool;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The tool calls of one answer, put together from whatever pieces they come in: with an index, or
 * without one where a server sends each call whole.
 */
final class CallParts {
  /** Far beyond what any model asks for at once. */
  private static final int MOST = 256;

  private static final int MOST_ARGUMENT_CHARS = 4 << 20;

  private final List<Part> parts = new ArrayList<>();

  /**
   * A tool call as the model wrote it.
   *
   * @param id never empty
   * @param arguments meant to be a JSON object, never null
   */
  record Call(String id, String name, String arguments) {}

  private static final class Part {
    final int index;
    String id = "";
    String name = "";
    final StringBuilder arguments = new StringBuilder();

    Part(int index) {
      this.index = index;
    }
  }

  void add(JsonNode calls) {
    for (JsonNode call : calls) {
      Part part = part(call);
      if (part == null) {
        continue;
      }
      String id = call.path("id").asText("");
      part.id = id.isEmpty() ? part.id : id;
      JsonNode function = call.path("function");
      part.name += function.path("name").asText("");
      JsonNode arguments = function.path("arguments");
      // Some servers send an object where OpenAI sends its text.
      String piece = arguments.isObject() ? arguments.toString() : arguments.asText("");
      if (part.arguments.length() + piece.length() <= MOST_ARGUMENT_CHARS) {
        part.arguments.append(piece);
      }
    }
  }

  private Part part(JsonNode call) {
    JsonNode index = call.path("index");
    String id = call.path("id").asText("");
    if (index.isInt()) {
      for (Part part : parts) {
        if (part.index == index.intValue()) {
          return part;
        }
      }
    } else if (id.isEmpty() && !parts.isEmpty() && !call.path("function").hasNonNull("name")) {
      return parts.get(parts.size() - 1);
    }
    if (parts.size() >= MOST) {
      return null;
    }
    Part part = new Part(index.isInt() ? index.intValue() : -1 - parts.size());
    parts.add(part);
    return part;
  }

  boolean isEmpty() {
    return parts.isEmpty();
  }

  /**
   * All of them, in their order.
   *
   * @param round makes ids for those that came without one
   */
  List<Call> calls(int round) {
    List<Call> calls = new ArrayList<>();
    for (Part part : parts) {
      String id = part.id.isEmpty() ? "call_" + round + "_" + calls.size() : part.id;
      calls.add(new Call(id, part.name, part.arguments.toString()));
    }
    return calls;
  }
}
