package io.muster.hub.tool;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.job.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The one stream that several answers of a model become: one id for all chunks, the role once, the
 * tools' steps in between as members that clients of OpenAI's pass over.
 */
final class AnswerChunks {
  private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

  private final String jobId;
  private final String fallbackModel;
  private final long createdSeconds;
  private String id;
  private long created;
  private String model;
  private boolean role;

  /**
   * @param model named where the model's chunks name none
   */
  AnswerChunks(String jobId, String model, long createdSeconds) {
    this.jobId = jobId;
    this.fallbackModel = model;
    this.createdSeconds = createdSeconds;
  }

  /** The chunks in a block of server-sent events. */
  static List<ObjectNode> read(byte[] events) throws IOException {
    List<ObjectNode> chunks = new ArrayList<>(2);
    int start = 0;
    while (start < events.length) {
      int end = start;
      while (end < events.length && events[end] != '\n') {
        end++;
      }
      if (isData(events, start, end)) {
        int from = start + DATA.length;
        if (ToolTalk.MAPPER.readTree(events, from, end - from) instanceof ObjectNode chunk) {
          chunks.add(chunk);
        }
      }
      start = end + 1;
    }
    return chunks;
  }

  private static boolean isData(byte[] events, int from, int to) {
    for (int i = 0; i < DATA.length; i++) {
      if (from + i >= to || events[from + i] != DATA[i]) {
        return false;
      }
    }
    return true;
  }

  /** Makes the model's chunk one of this stream; its delta without what is not the client's. */
  ObjectNode join(ObjectNode chunk, ObjectNode delta) {
    identify(chunk);
    chunk.put("id", id).put("created", created).put("model", model);
    if (delta.has("role")) {
      if (role) {
        delta.remove("role");
      }
      role = true;
    }
    return chunk;
  }

  /** What all chunks have in common is what the first one says. */
  private void identify(ObjectNode chunk) {
    if (id == null) {
      id = chunk.path("id").asText("chatcmpl-" + jobId);
      created = chunk.path("created").asLong(createdSeconds);
      model = chunk.path("model").asText(fallbackModel);
    }
  }

  /** A chunk of the hub's own, with an empty delta. */
  ObjectNode own() {
    ObjectNode chunk = ToolTalk.MAPPER.createObjectNode();
    identify(chunk);
    chunk.put("id", id).put("object", "chat.completion.chunk").put("created", created);
    chunk.put("model", model);
    ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
    ObjectNode delta = choice.putObject("delta");
    if (!role) {
      delta.put("role", "assistant").put("content", "");
      role = true;
    }
    choice.putNull("finish_reason");
    return chunk;
  }

  static ObjectNode delta(ObjectNode chunk) {
    return (ObjectNode) chunk.path("choices").path(0).path("delta");
  }

  static byte[] event(List<ObjectNode> chunks) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(512);
    for (ObjectNode chunk : chunks) {
      out.writeBytes("data: ".getBytes(StandardCharsets.US_ASCII));
      out.writeBytes(bytes(chunk));
      out.write('\n');
      out.write('\n');
    }
    return out.toByteArray();
  }

  /** One answer that is not streamed, of the last one and all that came before. */
  static byte[] whole(ObjectNode completion, Usage usage) {
    ObjectNode tokens = completion.putObject("usage");
    tokens.put("prompt_tokens", usage.promptTokens());
    tokens.put("completion_tokens", usage.completionTokens());
    tokens.put("total_tokens", usage.totalTokens());
    return bytes(completion);
  }

  private static byte[] bytes(JsonNode json) {
    try {
      return ToolTalk.MAPPER.writeValueAsBytes(json);
    } catch (IOException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }
}
