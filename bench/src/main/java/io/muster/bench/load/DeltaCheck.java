package io.muster.bench.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Judges the body of an answer as it arrives: every delta {@code #index} (or {@code
 * #index@nanoTime}) there, once, in order, and {@code [DONE]} at the very end of a stream. It looks
 * for the marks only, eight bytes at a time, so that the check costs the load program little.
 */
final class DeltaCheck {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HASHES = 0x2323232323232323L;
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

  private enum State {
    TEXT,
    INDEX,
    TIME
  }

  private final int expected;
  private final boolean done;
  private final Times delays;

  private State state;
  private int next;
  private boolean inOrder;
  private long number;
  private int digits;
  private final byte[] tail = new byte[DONE.length];
  private int tailLength;

  /**
   * Makes a check that is used for one answer after the other.
   *
   * @param expected how many deltas there must be
   * @param done whether {@code [DONE]} must follow
   * @param delays takes how long each stamped delta was on its way
   */
  DeltaCheck(int expected, boolean done, Times delays) {
    this.expected = expected;
    this.done = done;
    this.delays = delays;
    begin();
  }

  void begin() {
    state = State.TEXT;
    next = 0;
    inOrder = true;
    tailLength = 0;
  }

  /** Whether at least one delta has arrived. */
  boolean started() {
    return next > 0;
  }

  /** Whether the finished answer was complete and in order. */
  boolean clean() {
    return inOrder && next == expected && (!done || endsWithDone());
  }

  /** What there was instead, for a person. */
  String found() {
    return next
        + " of "
        + expected
        + " deltas"
        + (inOrder ? "" : ", not in order")
        + (!done || endsWithDone() ? "" : ", no [DONE]");
  }

  void body(byte[] bytes, int from, int to, long now) {
    int i = from;
    while (i < to) {
      if (state == State.TEXT) {
        i = mark(bytes, i, to);
        if (i < to) {
          state = State.INDEX;
          number = 0;
          digits = 0;
          i++;
        }
      } else {
        i = digits(bytes, i, to, now);
      }
    }
    keepTail(bytes, from, to);
  }

  private int digits(byte[] bytes, int from, int to, long now) {
    int i = from;
    while (i < to && bytes[i] >= '0' && bytes[i] <= '9') {
      number = number * 10 + bytes[i++] - '0';
      digits++;
    }
    if (i == to) {
      return i;
    }
    if (state == State.INDEX) {
      inOrder &= digits > 0 && number == next;
      next++;
    } else {
      delays.record(now - number);
    }
    if (state == State.INDEX && bytes[i] == '@') {
      state = State.TIME;
      number = 0;
      return i + 1;
    }
    state = State.TEXT;
    return i;
  }

  private static int mark(byte[] bytes, int from, int to) {
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long other = (long) LONGS.get(bytes, i) ^ HASHES;
      if (((other - ONES) & ~other & HIGHS) != 0) {
        break;
      }
    }
    while (i < to && bytes[i] != '#') {
      i++;
    }
    return i;
  }

  /** Keeps the last bytes that are not white space; they may come in pieces. */
  private void keepTail(byte[] bytes, int from, int to) {
    for (int i = Math.max(from, to - 2 * DONE.length); i < to; i++) {
      if (bytes[i] > ' ') {
        if (tailLength == tail.length) {
          System.arraycopy(tail, 1, tail, 0, tail.length - 1);
          tailLength--;
        }
        tail[tailLength++] = bytes[i];
      }
    }
  }

  private boolean endsWithDone() {
    return tailLength == DONE.length && Arrays.equals(tail, DONE);
  }
}
