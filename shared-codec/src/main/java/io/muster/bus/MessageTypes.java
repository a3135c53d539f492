package io.muster.bus;

import io.vertx.core.buffer.Buffer;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The bus' messages as bytes with the names of their types, for other ways than the bus itself. */
public final class MessageTypes {
  private static final Map<String, RecordCodec<?>> BY_NAME =
      Bus.CODECS.stream()
          .collect(
              Collectors.toUnmodifiableMap(codec -> nameOf(codec.type()), Function.identity()));

  private MessageTypes() {}

  /** What the type of a message is called on the wire. */
  public static String nameOf(Class<?> type) {
    return type.getSimpleName();
  }

  /** The message of this name; empty where this version has none. */
  public static Optional<Class<? extends Record>> find(String name) {
    return Optional.ofNullable(BY_NAME.get(name)).map(RecordCodec::type);
  }

  /** Whether this version has a message of this name. */
  public static boolean knows(String name) {
    return BY_NAME.containsKey(name);
  }

  /**
   * Appends a message.
   *
   * @throws IllegalArgumentException when it is none of the bus' messages
   * @throws java.io.UncheckedIOException when it cannot be encoded
   */
  @SuppressWarnings("unchecked")
  public static void write(Buffer buffer, Record message) {
    RecordCodec<Record> codec = (RecordCodec<Record>) BY_NAME.get(nameOf(message.getClass()));
    if (codec == null || codec.type() != (Class<?>) message.getClass()) {
      throw new IllegalArgumentException(message.getClass().getName() + " is no message");
    }
    codec.encodeToWire(buffer, message);
  }

  /**
   * Reads what {@link #write} has appended.
   *
   * @param name of its type
   * @throws RuntimeException when it is no such message
   */
  public static Record read(String name, Buffer buffer, int position) {
    RecordCodec<?> codec = BY_NAME.get(name);
    if (codec == null) {
      throw new IllegalArgumentException("no message is called " + name);
    }
    return codec.decodeFromWire(position, buffer);
  }
}
