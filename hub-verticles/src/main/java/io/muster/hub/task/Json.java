package io.muster.hub.task;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;

/** JSON values that pass through as they are. */
final class Json {
  private Json() {}

  /** Any JSON value; what is none becomes a string, so that nothing a node says is lost. */
  static Object value(String text) {
    if (text == null) {
      return null;
    }
    try {
      return io.vertx.core.json.Json.decodeValue(text);
    } catch (DecodeException e) {
      return text;
    }
  }

  /** The text of a JSON value that came as bytes; a JSON string where it is none. */
  static String text(byte[] bytes) {
    if (bytes == null || bytes.length == 0) {
      return "null";
    }
    Buffer buffer = Buffer.buffer(bytes);
    try {
      io.vertx.core.json.Json.decodeValue(buffer);
      return buffer.toString();
    } catch (DecodeException e) {
      return io.vertx.core.json.Json.encode(buffer.toString());
    }
  }
}
