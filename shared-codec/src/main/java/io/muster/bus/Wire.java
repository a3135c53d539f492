package io.muster.bus;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Records as bytes, as they travel on the bus, for those who sign them or carry them elsewhere. */
public final class Wire {
  private Wire() {}

  /**
   * The record as CBOR.
   *
   * @throws UncheckedIOException when something in it cannot be written
   */
  public static byte[] encode(Record message) {
    try {
      return RecordCodec.MAPPER.writeValueAsBytes(message);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot encode " + message.getClass().getName(), e);
    }
  }

  /**
   * The record again.
   *
   * @throws UncheckedIOException when the bytes are something else
   */
  public static <T extends Record> T decode(Class<T> type, byte[] bytes) {
    try {
      return RecordCodec.MAPPER.readValue(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot decode " + type.getName(), e);
    }
  }
}
