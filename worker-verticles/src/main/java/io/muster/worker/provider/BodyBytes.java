package io.muster.worker.provider;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.util.Arrays;

/** The bytes of a body; not copied when they came at once. */
final class BodyBytes {
  private static final byte[] NONE = {};

  private final int maxBytes;
  private byte[] bytes = NONE;
  private int length;

  BodyBytes(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  void add(byte[] more) {
    if (length + (long) more.length > maxBytes) {
      throw new FaultException(
          Failure.PROVIDER_ERROR, "the provider's answer has more than " + maxBytes + " bytes");
    }
    if (length == 0) {
      bytes = more;
    } else {
      if (length + more.length > bytes.length) {
        long room = Math.max(2L * bytes.length, length + more.length);
        bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, room));
      }
      System.arraycopy(more, 0, bytes, length, more.length);
    }
    length += more.length;
  }

  int length() {
    return length;
  }

  byte[] all() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }
}
