package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** JSON where the hub writes it itself, off the hot path. */
final class HttpJson {
  static final ObjectMapper MAPPER = new ObjectMapper();

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

  private HttpJson() {}

  static byte[] bytes(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A server-sent event with this JSON, which has no line breaks. */
  static byte[] event(byte[] json) {
    byte[] event = new byte[DATA.length + json.length + 2];
    System.arraycopy(DATA, 0, event, 0, DATA.length);
    System.arraycopy(json, 0, event, DATA.length, json.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return event;
  }

  /**
   * Whether a text is one JSON object: what a node hands through is looked at before it goes on.
   */
  static boolean isObject(String text) {
    if (text == null) {
      return false;
    }
    try (JsonParser in = MAPPER.createParser(text)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      in.skipChildren();
      return in.currentToken() == JsonToken.END_OBJECT && in.nextToken() == null;
    } catch (IOException e) {
      return false;
    }
  }
}
