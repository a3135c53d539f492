package io.muster.hub.http;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.List;

/** Bytes that are to leave together. A lone piece, the usual case, is not copied. */
final class Pieces {
  private byte[] first;
  private List<byte[]> more;
  private int length;

  void add(byte[] piece) {
    length += piece.length;
    if (first == null) {
      first = piece;
    } else {
      if (more == null) {
        more = new ArrayList<>();
      }
      more.add(piece);
    }
  }

  boolean isEmpty() {
    return first == null;
  }

  /** All of them as one, and none is left. */
  Buffer take() {
    byte[] all = first == null ? new byte[0] : first;
    if (more != null) {
      all = new byte[length];
      System.arraycopy(first, 0, all, 0, first.length);
      int at = first.length;
      for (byte[] piece : more) {
        System.arraycopy(piece, 0, all, at, piece.length);
        at += piece.length;
      }
    }
    first = null;
    more = null;
    length = 0;
    return BufferInternal.buffer(Unpooled.wrappedBuffer(all));
  }
}
