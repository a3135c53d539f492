package io.muster.bus;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * The one codec for every message: a record as CBOR (RFC 8949), which carries byte arrays as they
 * are. Members that a version does not know are ignored, and failures that it does not know are
 * internal ones, so that versions may differ in one cluster.
 */
final class RecordCodec<T extends Record> implements MessageCodec<T, T> {
  static final ObjectMapper MAPPER =
      CBORMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_USING_DEFAULT_VALUE)
          // What is null is left out, but not from a map: there its key may be all that it says.
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private final Class<T> type;
  private final ObjectWriter writer;
  private final ObjectReader reader;

  RecordCodec(Class<T> type) {
    this.type = type;
    this.writer = MAPPER.writerFor(type);
    this.reader = MAPPER.readerFor(type);
  }

  Class<T> type() {
    return type;
  }

  @Override
  public void encodeToWire(Buffer buffer, T message) {
    try {
      int start = buffer.length();
      buffer.appendInt(0);
      writer.writeValue(new Appending(buffer), message);
      buffer.setInt(start, buffer.length() - start - Integer.BYTES);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot encode " + type.getName(), e);
    }
  }

  @Override
  public T decodeFromWire(int position, Buffer buffer) {
    int length = buffer.getInt(position);
    int start = position + Integer.BYTES;
    try {
      return reader.readValue(buffer.getBytes(start, start + length));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot decode " + type.getName(), e);
    }
  }

  /** The same instance: records here are immutable. */
  @Override
  public T transform(T message) {
    return message;
  }

  @Override
  public String name() {
    return name(type);
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }

  /** Writes into the message itself: a body need not be copied on its way there. */
  private static final class Appending extends OutputStream {
    private final Buffer buffer;

    Appending(Buffer buffer) {
      this.buffer = buffer;
    }

    @Override
    public void write(int b) {
      buffer.appendByte((byte) b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      buffer.appendBytes(bytes, offset, length);
    }
  }

  /** Travels in every message, so it is short: {@code Submit}, not the class' full name. */
  static String name(Class<?> type) {
    return "m:" + type.getSimpleName();
  }
}
