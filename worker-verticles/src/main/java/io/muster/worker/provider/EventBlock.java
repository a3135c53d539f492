package io.muster.worker.provider;

import java.util.Arrays;

/**
 * The events of a stream that go on together. Those that came framed as they leave, side by side in
 * one chunk, are not copied as long as they are alone.
 */
final class EventBlock {
  private static final byte[] NONE = {};
  private static final byte[] PREFIX = {'d', 'a', 't', 'a', ':', ' '};

  private byte[] bytes = NONE;
  private int from;
  private int to;
  private boolean own;
  private int count;

  /** How many events are in it. */
  int count() {
    return count;
  }

  /** Adds {@code bytes} from {@code start} to {@code end}, one whole frame {@code data: …\n\n}. */
  void addFrame(byte[] source, int start, int end) {
    if (count == 0) {
      bytes = source;
      from = start;
      to = end;
      own = false;
    } else if (!own && source == bytes && start == to) {
      to = end;
    } else {
      reserve(end - start);
      System.arraycopy(source, start, bytes, to, end - start);
      to += end - start;
    }
    count++;
  }

  /** Adds an event by its data, which is JSON: a line's end in it is space, and becomes one. */
  void addData(byte[] source, int start, int end) {
    if (count == 0) {
      bytes = NONE;
      from = 0;
      to = 0;
      own = true;
    }
    int length = end - start;
    reserve(PREFIX.length + length + 2);
    System.arraycopy(PREFIX, 0, bytes, to, PREFIX.length);
    to += PREFIX.length;
    System.arraycopy(source, start, bytes, to, length);
    for (int at = to; at < to + length; at++) {
      if (bytes[at] == '\n') {
        bytes[at] = ' ';
      }
    }
    to += length;
    bytes[to++] = '\n';
    bytes[to++] = '\n';
    count++;
  }

  /** What is in it, whose owner is the caller now; the block is empty then. */
  byte[] take() {
    byte[] result = from == 0 && to == bytes.length ? bytes : Arrays.copyOfRange(bytes, from, to);
    bytes = NONE;
    count = 0;
    return result;
  }

  private void reserve(int more) {
    int length = to - from;
    if (!own) {
      byte[] copy = new byte[Math.max(1024, 2 * (length + more))];
      System.arraycopy(bytes, from, copy, 0, length);
      bytes = copy;
      from = 0;
      to = length;
      own = true;
    } else if (to + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(1024, 2 * (to + more)));
    }
  }
}
