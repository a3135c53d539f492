package io.muster.worker.provider;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Says, without parsing it, whether a chunk of a stream may hold something that Muster has to read:
 * {@code "usage"}, {@code "error"} or a {@code "finish_reason"} that is set. It looks for a pair of
 * letters of each word, eight places at a time, and only then at the word. Quotes inside JSON
 * strings are escaped, so text that speaks of usage or errors does not match.
 */
final class ChunkProbe {
  static final int USAGE = 1;
  static final int ERROR = 2;
  static final int FINISH = 4;

  private static final String USAGE_WORD = "\"usage\"";
  private static final String ERROR_WORD = "\"error\"";
  private static final String FINISH_WORD = "reason\"";

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final long A = ONES * 'a';
  private static final long G = ONES * 'g';
  private static final long R = ONES * 'r';
  private static final long S = ONES * 's';

  private ChunkProbe() {}

  /** The flags of what is in it. */
  static int flags(byte[] bytes, int from, int to) {
    int flags = 0;
    int at = from;
    for (; at + Long.BYTES < to; at += Long.BYTES) {
      long here = (long) LONG.get(bytes, at);
      long next = (long) LONG.get(bytes, at + 1);
      long a = here ^ A;
      // "as" of reason, "ag" of usage, "rr" of error: zero bytes where the pair begins.
      long hits = zeros(a | (next ^ S)) | zeros(a | (next ^ G)) | zeros((here ^ R) | (next ^ R));
      while (hits != 0) {
        flags |= word(bytes, at + (Long.numberOfTrailingZeros(hits) >>> 3), from, to);
        hits &= hits - 1;
      }
    }
    for (; at + 1 < to; at++) {
      flags |= word(bytes, at, from, to);
    }
    return flags;
  }

  /** The highest bit of each byte that is zero; of others only above one that is. */
  private static long zeros(long word) {
    return (word - ONES) & ~word & HIGHS;
  }

  /** The flag of the word whose pair of letters begins here. */
  private static int word(byte[] bytes, int pair, int from, int to) {
    switch (bytes[pair + 1]) {
      case 's':
        return matches(FINISH_WORD, bytes, pair - 2, from, to) && isText(bytes, pair + 5, to)
            ? FINISH
            : 0;
      case 'g':
        return matches(USAGE_WORD, bytes, pair - 3, from, to) && !isNull(bytes, pair + 4, to)
            ? USAGE
            : 0;
      case 'r':
        return matches(ERROR_WORD, bytes, pair - 2, from, to) && !isNull(bytes, pair + 5, to)
            ? ERROR
            : 0;
      default:
        return 0;
    }
  }

  private static boolean matches(String word, byte[] bytes, int start, int from, int to) {
    if (start < from || start + word.length() > to) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (bytes[start + i] != word.charAt(i)) {
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
}
