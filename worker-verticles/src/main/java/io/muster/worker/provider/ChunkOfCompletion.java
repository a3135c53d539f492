package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Makes the one chunk of a stream out of a whole chat completion, for servers that do not stream.
 */
final class ChunkOfCompletion {
  private ChunkOfCompletion() {}

  static byte[] convert(byte[] completion) throws IOException {
    if (!(Json.MAPPER.readTree(completion) instanceof ObjectNode chunk)) {
      throw new IOException("no JSON object");
    }
    chunk.put("object", "chat.completion.chunk");
    chunk.remove("usage");
    for (JsonNode choice : chunk.path("choices")) {
      if (choice instanceof ObjectNode object && object.remove("message") instanceof ObjectNode m) {
        if (m.get("tool_calls") instanceof ArrayNode calls) {
          for (int i = 0; i < calls.size(); i++) {
            if (calls.get(i) instanceof ObjectNode call && !call.has("index")) {
              call.put("index", i);
            }
          }
        }
        object.set("delta", m);
      }
    }
    return Json.MAPPER.writeValueAsBytes(chunk);
  }
}
