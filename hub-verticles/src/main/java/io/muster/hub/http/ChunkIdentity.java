package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What all chunks of one stream have in common, read from its first one.
 *
 * @param created seconds since 1970
 * @param model null when the chunk names none
 */
record ChunkIdentity(String id, long created, String model) {
  private static final int DATA = "data:".length();

  /**
   * Of the first event in a block.
   *
   * @return null when it is no chunk
   */
  static ChunkIdentity of(byte[] events) {
    int start = DATA;
    if (events.length <= start) {
      return null;
    }
    String id = null;
    String model = null;
    long created = 0;
    // The parser stops at the end of the first object, before the blank line.
    try (JsonParser in =
        HttpJson.MAPPER.getFactory().createParser(events, start, events.length - start)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      String name;
      while ((name = in.nextFieldName()) != null) {
        JsonToken value = in.nextToken();
        if (name.equals("id") && value == JsonToken.VALUE_STRING) {
          id = in.getText();
        } else if (name.equals("model") && value == JsonToken.VALUE_STRING) {
          model = in.getText();
        } else if (name.equals("created") && value == JsonToken.VALUE_NUMBER_INT) {
          created = in.getLongValue();
        } else {
          in.skipChildren();
        }
      }
    } catch (IOException e) {
      return null;
    }
    return id == null ? null : new ChunkIdentity(id, created, model);
  }

  /** Of a stream that had no chunk. */
  static ChunkIdentity made(String requestId, String model) {
    return new ChunkIdentity("chatcmpl-" + requestId, System.currentTimeMillis() / 1000, model);
  }
}
