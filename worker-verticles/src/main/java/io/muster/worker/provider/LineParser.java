package io.muster.worker.provider;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.util.Arrays;

/** Cuts bytes into lines (newline-delimited JSON), over any chunking; empty lines are left out. */
final class LineParser {
  private static final byte[] NONE = {};

  /** Who is told about lines. */
  interface Sink {
    /** One line, without its end; the bytes are never changed afterwards. */
    void line(byte[] bytes, int from, int to);
  }

  private final int maxLineBytes;
  private final Sink sink;
  private byte[] carry = NONE;
  private int carried;

  /**
   * @param maxLineBytes a longer line is a fault
   */
  LineParser(int maxLineBytes, Sink sink) {
    this.maxLineBytes = maxLineBytes;
    this.sink = sink;
  }

  /**
   * Takes the next chunk, which nobody may change afterwards.
   *
   * @throws FaultException {@link Failure#PROVIDER_ERROR} when a line gets too long
   */
  void feed(byte[] chunk) {
    int from = 0;
    for (int at = 0; at < chunk.length; at++) {
      if (chunk[at] == '\n') {
        if (carried > 0) {
          keep(chunk, from, at);
          byte[] line = carry;
          int length = carried;
          carry = NONE;
          carried = 0;
          tell(line, 0, length);
        } else {
          tell(chunk, from, at);
        }
        from = at + 1;
      }
    }
    keep(chunk, from, chunk.length);
  }

  /** The input is over: what is left is the last line. */
  void end() {
    int length = carried;
    carried = 0;
    tell(carry, 0, length);
  }

  private void tell(byte[] bytes, int from, int to) {
    int end = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
    if (end > from) {
      sink.line(bytes, from, end);
    }
  }

  private void keep(byte[] chunk, int from, int to) {
    int wanted = carried + to - from;
    if (wanted > maxLineBytes) {
      throw new FaultException(
          Failure.PROVIDER_ERROR,
          "the provider's stream has a line of more than " + maxLineBytes + " bytes");
    }
    if (wanted > carry.length) {
      carry = Arrays.copyOf(carry, Math.max(wanted, 2 * carry.length));
    }
    System.arraycopy(chunk, from, carry, carried, to - from);
    carried = wanted;
  }
}
