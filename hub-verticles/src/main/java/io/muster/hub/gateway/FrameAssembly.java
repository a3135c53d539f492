package io.muster.hub.gateway;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;

/**
 * Puts messages together from the frames that they come in. Of one that is too big the rest is
 * dropped as it comes, so that no more than the limit is ever held.
 */
final class FrameAssembly {
  private final int maxBytes;
  private Buffer parts;
  private boolean text;
  private boolean tooBig;

  /**
   * A whole message.
   *
   * @param bytes null when it was too big
   */
  record Message(boolean text, Buffer bytes) {}

  FrameAssembly(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Takes a data frame, and returns the message that it completes, or null. */
  Message add(WebSocketFrame frame) {
    Buffer data = frame.binaryData();
    if (!frame.isContinuation()) {
      text = frame.isText();
      tooBig = false;
      parts = null;
    }
    int held = parts == null ? 0 : parts.length();
    if (tooBig || held + data.length() > maxBytes) {
      tooBig = true;
      parts = null;
    } else if (parts == null && frame.isFinal()) {
      return new Message(text, data);
    } else {
      parts = (parts == null ? Buffer.buffer() : parts).appendBuffer(data);
    }
    if (!frame.isFinal()) {
      return null;
    }
    Message whole = new Message(text, tooBig ? null : parts);
    parts = null;
    return whole;
  }
}
