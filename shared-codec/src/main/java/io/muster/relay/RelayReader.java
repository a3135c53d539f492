package io.muster.relay;

import io.vertx.core.buffer.Buffer;
import java.util.function.Consumer;

/**
 * Makes messages again of what came in binary frames: these are cut anywhere, so that a big message
 * needs no big frame. Holds no more than the biggest message allowed, and no more than has come.
 */
final class RelayReader {
  private final int maxMessageBytes;
  private final Consumer<RelayMessage> messages;
  private Buffer rest = Buffer.buffer();

  RelayReader(int maxMessageBytes, Consumer<RelayMessage> messages) {
    this.maxMessageBytes = maxMessageBytes;
    this.messages = messages;
  }

  /**
   * What a frame held.
   *
   * @throws RelayException when it cannot be a relay's
   */
  void read(Buffer frame) {
    Buffer bytes = rest.length() == 0 ? frame : rest.appendBuffer(frame);
    int at = 0;
    while (bytes.length() - at >= RelayCodec.LENGTH_BYTES) {
      int length = bytes.getInt(at);
      if (length < RelayCodec.LEAST_BYTES || length > maxMessageBytes) {
        throw new RelayException(
            "a relay message of %d bytes: %d to %d are allowed"
                .formatted(length, RelayCodec.LEAST_BYTES, maxMessageBytes));
      }
      int start = at + RelayCodec.LENGTH_BYTES;
      if (bytes.length() - start < length) {
        break;
      }
      at = start + length;
      messages.accept(RelayCodec.decode(bytes.slice(start, at)));
    }
    if (at == bytes.length()) {
      rest = Buffer.buffer();
    } else if (at > 0 || bytes == frame) {
      rest = bytes.getBuffer(at, bytes.length());
    }
  }
}
