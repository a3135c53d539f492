package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.ArrayList;
import java.util.List;

/** Tool calls as they come in pieces: each with its index, name first, then its arguments. */
final class ToolCallParts {
  private final List<String> names = new ArrayList<>();
  private final List<StringBuilder> arguments = new ArrayList<>();

  void add(JsonNode calls) {
    int position = 0;
    for (JsonNode call : calls) {
      int index = call.path("index").asInt(position++);
      while (names.size() <= index && names.size() < 1000) {
        names.add("");
        arguments.add(new StringBuilder());
      }
      if (index >= 0 && index < names.size()) {
        JsonNode function = call.path("function");
        names.set(index, names.get(index) + function.path("name").asText(""));
        arguments.get(index).append(function.path("arguments").asText(""));
      }
    }
  }

  ArrayNode asOllama() {
    ArrayNode calls = HttpJson.MAPPER.createArrayNode();
    for (int i = 0; i < names.size(); i++) {
      OllamaJson.toolCall(calls, names.get(i), arguments.get(i).toString());
    }
    return calls;
  }
}
