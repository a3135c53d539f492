package io.muster.relay;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.bus.Failure;
import io.muster.bus.MessageTypes;
import io.vertx.core.buffer.Buffer;

/**
 * Relay messages as bytes, big endian:
 *
 * <pre>
 *   4 length of what follows
 *   1 kind: 1 tell, 2 publish, 3 ask, 4 reply, 5 fail
 *   8 number of the question; 0 for tell and publish
 *   4 ask: milliseconds that the asker waits; fail: code of the {@link Failure}; else 0
 *   2 + n address, UTF-8; empty for reply and fail
 *   1 + n name of the message's type, ASCII; empty for fail
 *   the message: 4 length + n CBOR, as on the bus; for fail: its text, UTF-8
 * </pre>
 */
final class RelayCodec {
  /** Of the length itself. */
  static final int LENGTH_BYTES = Integer.BYTES;

  /** What every message has at least, after its length. */
  static final int LEAST_BYTES = 1 + Long.BYTES + Integer.BYTES + Short.BYTES + 1;

  private static final int TELL = 1;
  private static final int PUBLISH = 2;
  private static final int ASK = 3;
  private static final int REPLY = 4;
  private static final int FAIL = 5;

  private RelayCodec() {}

  static Buffer encode(RelayMessage message) {
    if (message instanceof RelayMessage.Tell tell) {
      return encode(TELL, 0, 0, tell.address(), tell.body());
    }
    if (message instanceof RelayMessage.Publish publish) {
      return encode(PUBLISH, 0, 0, publish.address(), publish.body());
    }
    if (message instanceof RelayMessage.Ask ask) {
      return encode(ASK, ask.number(), ask.timeoutMs(), ask.address(), ask.body());
    }
    if (message instanceof RelayMessage.Reply reply) {
      return encode(REPLY, reply.number(), 0, "", reply.body());
    }
    if (message instanceof RelayMessage.Fail fail) {
      Buffer buffer = head(FAIL, fail.number(), fail.failure().code(), "", "");
      return sealed(buffer.appendString(fail.message() == null ? "" : fail.message()));
    }
    throw new IllegalArgumentException(message + " is never sent");
  }

  /**
   * Reads one message.
   *
   * @param bytes what follows its length, whole
   * @throws RelayException when it is none
   */
  static RelayMessage decode(Buffer bytes) {
    try {
      return read(bytes);
    } catch (IndexOutOfBoundsException e) {
      throw new RelayException("a relay message is shorter than it says");
    }
  }

  private static RelayMessage read(Buffer bytes) {
    int kind = bytes.getByte(0);
    long number = bytes.getLong(1);
    int detail = bytes.getInt(9);
    int at = 15 + bytes.getUnsignedShort(13);
    String address = bytes.getString(15, at, UTF_8.name());
    int nameEnd = at + 1 + bytes.getUnsignedByte(at);
    String name = bytes.getString(at + 1, nameEnd, UTF_8.name());
    long question = kind == ASK ? number : 0;
    if (kind == FAIL) {
      String text = bytes.getString(nameEnd, bytes.length(), UTF_8.name());
      return new RelayMessage.Fail(number, Failure.ofCode(detail), text);
    }
    if (kind < TELL || kind > FAIL) {
      return new RelayMessage.Unreadable(0, "no kind of message has the number " + kind);
    }
    Record body;
    try {
      body = body(name, bytes, nameEnd);
    } catch (RuntimeException e) {
      return kind == REPLY
          ? new RelayMessage.Fail(number, Failure.INTERNAL, e.getMessage())
          : new RelayMessage.Unreadable(question, e.getMessage());
    }
    return switch (kind) {
      case TELL -> new RelayMessage.Tell(address, body);
      case PUBLISH -> new RelayMessage.Publish(address, body);
      case ASK -> new RelayMessage.Ask(address, number, detail, body);
      default -> new RelayMessage.Reply(number, body);
    };
  }

  private static Record body(String name, Buffer bytes, int position) {
    if (!MessageTypes.knows(name)) {
      throw new IllegalArgumentException(
          "no message is called '" + name + "' here: another version?");
    }
    if (bytes.length() - position < Integer.BYTES
        || bytes.getInt(position) != bytes.length() - position - Integer.BYTES) {
      throw new IllegalArgumentException("a " + name + " does not end where its message does");
    }
    Record body = MessageTypes.read(name, bytes, position);
    if (body == null) {
      throw new IllegalArgumentException("a " + name + " is null");
    }
    return body;
  }

  private static Buffer encode(int kind, long number, int detail, String address, Record body) {
    Buffer buffer = head(kind, number, detail, address, MessageTypes.nameOf(body.getClass()));
    MessageTypes.write(buffer, body);
    return sealed(buffer);
  }

  private static Buffer head(int kind, long number, int detail, String address, String name) {
    byte[] where = address.getBytes(UTF_8);
    byte[] what = name.getBytes(UTF_8);
    return Buffer.buffer(64 + where.length)
        .appendInt(0)
        .appendByte((byte) kind)
        .appendLong(number)
        .appendInt(detail)
        .appendUnsignedShort(where.length)
        .appendBytes(where)
        .appendUnsignedByte((short) what.length)
        .appendBytes(what);
  }

  private static Buffer sealed(Buffer buffer) {
    return buffer.setInt(0, buffer.length() - LENGTH_BYTES);
  }
}
