package io.muster.worker.provider;

/**
 * Says, without parsing it, whether a chunk of a stream may hold something that Muster has to read:
 * {@code "usage"}, {@code "error"} or a {@code "finish_reason"} that is set. A search for all three
 * at once (Horspool's, with a window of seven bytes) looks at about every fourth byte. Quotes
 * inside JSON strings are escaped, so text that speaks of usage or errors does not match.
 */
final class ChunkProbe {
  static final int USAGE = 1;
  static final int ERROR = 2;
  static final int FINISH = 4;

  private static final String[] PATTERNS = {"\"usage\"", "\"error\"", "reason\""};
  private static final int WINDOW = 7;

  /** How far the window moves for its last byte; 0 for the quote that all patterns end with. */
  private static final byte[] SHIFT = shifts();

  /** How far it moves when a quote was no pattern's end: to the quote that two begin with. */
  private static final int AFTER_QUOTE = WINDOW - 1;

  private ChunkProbe() {}

  /** The flags of what is in it. */
  static int flags(byte[] bytes, int from, int to) {
    int flags = 0;
    int at = from + WINDOW - 1;
    while (at < to) {
      int shift = SHIFT[bytes[at] & 0xFF];
      if (shift != 0) {
        at += shift;
        continue;
      }
      switch (bytes[at - 1]) {
        case 'e':
          if (matches(PATTERNS[0], bytes, at) && !isNull(bytes, at + 1, to)) {
            flags |= USAGE;
          }
          break;
        case 'r':
          if (matches(PATTERNS[1], bytes, at) && !isNull(bytes, at + 1, to)) {
            flags |= ERROR;
          }
          break;
        case 'n':
          if (matches(PATTERNS[2], bytes, at) && isText(bytes, at + 1, to)) {
            flags |= FINISH;
          }
          break;
        default:
      }
      at += AFTER_QUOTE;
    }
    return flags;
  }

  private static boolean matches(String pattern, byte[] bytes, int last) {
    for (int i = 0; i < WINDOW; i++) {
      if (bytes[last - WINDOW + 1 + i] != pattern.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the member's value is null. */
  private static boolean isNull(byte[] bytes, int from, int to) {
    int value = valueFrom(bytes, from, to);
    return value < to && bytes[value] == 'n';
  }

  private static boolean isText(byte[] bytes, int from, int to) {
    int value = valueFrom(bytes, from, to);
    return value < to && bytes[value] == '"';
  }

  /** Where the value of the member begins whose name ended before {@code from}; else {@code to}. */
  private static int valueFrom(byte[] bytes, int from, int to) {
    int at = skipSpace(bytes, from, to);
    return at < to && bytes[at] == ':' ? skipSpace(bytes, at + 1, to) : to;
  }

  private static int skipSpace(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] <= ' ' && bytes[at] >= 0) {
      at++;
    }
    return at;
  }

  private static byte[] shifts() {
    byte[] shift = new byte[256];
    java.util.Arrays.fill(shift, (byte) WINDOW);
    for (String pattern : PATTERNS) {
      for (int i = 0; i < WINDOW; i++) {
        int c = pattern.charAt(i);
        shift[c] = (byte) Math.min(shift[c], WINDOW - 1 - i);
      }
    }
    return shift;
  }
}
