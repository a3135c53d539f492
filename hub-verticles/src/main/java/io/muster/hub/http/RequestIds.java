package io.muster.hub.http;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/**
 * Makes ids that are unique among all hubs and cost next to nothing: 64 random bits that the
 * process drew at its start, then a counter. All have the same length. Used on one event loop.
 */
final class RequestIds {
  private static final byte[] DIGITS =
      "0123456789abcdefghijklmnopqrstuv".getBytes(StandardCharsets.US_ASCII);
  private static final int RANDOM_DIGITS = 13;
  private static final int COUNTER_DIGITS = 9;

  private final byte[] text;
  private long counter;

  RequestIds(String prefix) {
    byte[] start = prefix.getBytes(StandardCharsets.US_ASCII);
    text = new byte[start.length + RANDOM_DIGITS + COUNTER_DIGITS];
    System.arraycopy(start, 0, text, 0, start.length);
    digits(new SecureRandom().nextLong(), start.length, RANDOM_DIGITS);
  }

  String next() {
    digits(counter++, text.length - COUNTER_DIGITS, COUNTER_DIGITS);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private void digits(long value, int from, int count) {
    long rest = value;
    for (int i = from + count - 1; i >= from; i--) {
      text[i] = DIGITS[(int) (rest & 31)];
      rest >>>= 5;
    }
  }

  /** Whether a client's id can be taken over into logs and headers as it is. */
  static boolean sane(String id) {
    if (id == null || id.isEmpty() || id.length() > 128) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c <= ' ' || c > '~') {
        return false;
      }
    }
    return true;
  }
}
