package io.muster.worker.provider;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Cuts the bytes of an event stream (WHATWG server-sent events) into events, over any chunking. An
 * event that lies whole in one chunk is handed over as a slice of that chunk: nothing is copied,
 * decoded or allocated for it. Names and ids of events are not kept, since what model servers say
 * is all in the data.
 */
final class SseParser {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final byte[] NONE = {};
  private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

  /** Who is told about events. */
  interface Sink {
    /**
     * One event.
     *
     * @param bytes holds the data from {@code from} to {@code to}; never changed afterwards
     * @param framed whether the six bytes before and the two behind make it {@code data: …\n\n}
     */
    void event(byte[] bytes, int from, int to, boolean framed);
  }

  private final int maxEventBytes;
  private final Sink sink;

  /** A line whose end has not come yet. */
  private byte[] carry = NONE;

  private int carried;

  /** The data of the event so far, when {@code hasData}; a slice of a chunk, or {@code joined}. */
  private byte[] data = NONE;

  private int dataFrom;
  private int dataTo;
  private boolean hasData;
  private boolean joined;

  private boolean afterCr;
  private boolean started;

  /**
   * @param maxEventBytes a longer event, or a longer line, is a fault
   */
  SseParser(int maxEventBytes, Sink sink) {
    this.maxEventBytes = maxEventBytes;
    this.sink = sink;
  }

  /**
   * Takes the next chunk, which nobody may change afterwards.
   *
   * @throws FaultException {@link Failure#PROVIDER_ERROR} when an event gets too large
   */
  void feed(byte[] chunk) {
    int at = 0;
    int end = chunk.length;
    if (afterCr && end > 0) {
      afterCr = false;
      if (chunk[0] == '\n') {
        at = 1;
      }
    }
    if (carried > 0) {
      at = finishCarried(chunk, at);
    }
    while (at < end) {
      at = hasData ? line(chunk, at) : event(chunk, at);
    }
  }

  /**
   * The stream is over: an event that only lacks its empty line is taken, half a line is not, since
   * it may be half of anything, unless it is {@code [DONE]}.
   */
  void end() {
    if (carried > 0
        && field(carry, 0, carried)
        && isDone(carry, valueFrom(carry, 0, carried), carried)) {
      takeLine(carry, 0, carried);
    }
    carried = 0;
    dispatch();
  }

  /** Whether this slice is the {@code [DONE]} that ends OpenAI's streams. */
  static boolean isDone(byte[] bytes, int from, int to) {
    return to - from >= DONE.length
        && bytes[from] == '['
        && Arrays.equals(bytes, from, from + DONE.length, DONE, 0, DONE.length);
  }

  /** The fast way: a whole {@code data: …\n\n} in the chunk. Returns where to go on. */
  private int event(byte[] chunk, int at) {
    int end = chunk.length;
    if (end - at < 8 || !field(chunk, at, end)) {
      return line(chunk, at);
    }
    int eol = endOfLine(chunk, at + 5, end);
    if (eol + 1 < end && chunk[eol] == '\n' && chunk[eol + 1] == '\n') {
      started = true;
      boolean framed = chunk[at + 5] == ' ';
      sink.event(chunk, framed ? at + 6 : at + 5, eol, framed);
      return eol + 2;
    }
    return lineTo(chunk, at, eol);
  }

  private int line(byte[] chunk, int at) {
    return lineTo(chunk, at, endOfLine(chunk, at, chunk.length));
  }

  /** Takes the line that ends at {@code eol}, or keeps its beginning when the chunk ends there. */
  private int lineTo(byte[] chunk, int at, int eol) {
    if (eol == chunk.length) {
      keep(chunk, at, eol);
      return eol;
    }
    takeLine(chunk, at, eol);
    return behind(chunk, eol);
  }

  private int finishCarried(byte[] chunk, int at) {
    int eol = endOfLine(chunk, at, chunk.length);
    keep(chunk, at, eol);
    if (eol == chunk.length) {
      return eol;
    }
    byte[] line = carry;
    int length = carried;
    // The line may stay as the event's data, so the next one gets another array.
    carry = NONE;
    carried = 0;
    takeLine(line, 0, length);
    return behind(chunk, eol);
  }

  private int behind(byte[] chunk, int eol) {
    if (chunk[eol] == '\r') {
      if (eol + 1 == chunk.length) {
        afterCr = true;
      } else if (chunk[eol + 1] == '\n') {
        return eol + 2;
      }
    }
    return eol + 1;
  }

  private void takeLine(byte[] bytes, int from, int to) {
    int start = from;
    if (!started) {
      started = true;
      if (to - from >= 3
          && bytes[from] == (byte) 0xEF
          && bytes[from + 1] == (byte) 0xBB
          && bytes[from + 2] == (byte) 0xBF) {
        start = from + 3;
      }
    }
    if (start == to) {
      dispatch();
    } else if (field(bytes, start, to)) {
      takeData(bytes, valueFrom(bytes, start, to), to);
    }
  }

  private void takeData(byte[] bytes, int from, int to) {
    if (!hasData) {
      hasData = true;
      joined = false;
      data = bytes;
      dataFrom = from;
      dataTo = to;
      return;
    }
    int length = dataTo - dataFrom;
    int wanted = length + 1 + (to - from);
    checkSize(wanted);
    if (!joined || wanted > data.length) {
      data = Arrays.copyOfRange(data, dataFrom, dataFrom + Math.max(wanted, 2 * length));
      dataFrom = 0;
      joined = true;
    }
    data[length] = '\n';
    System.arraycopy(bytes, from, data, length + 1, to - from);
    dataTo = wanted;
  }

  private void dispatch() {
    if (hasData) {
      hasData = false;
      byte[] bytes = data;
      data = NONE;
      sink.event(bytes, dataFrom, dataTo, false);
    }
  }

  private void keep(byte[] chunk, int from, int to) {
    int wanted = carried + to - from;
    checkSize(wanted);
    if (wanted > carry.length) {
      carry = Arrays.copyOf(carry, Math.max(wanted, Math.max(256, 2 * carry.length)));
    }
    System.arraycopy(chunk, from, carry, carried, to - from);
    carried = wanted;
  }

  private void checkSize(int bytes) {
    if (bytes > maxEventBytes) {
      throw new FaultException(
          Failure.PROVIDER_ERROR,
          "the provider's stream has an event of more than " + maxEventBytes + " bytes");
    }
  }

  /** Whether the line is a {@code data} field. */
  private static boolean field(byte[] bytes, int from, int to) {
    return to - from >= 4
        && bytes[from] == 'd'
        && bytes[from + 1] == 'a'
        && bytes[from + 2] == 't'
        && bytes[from + 3] == 'a'
        && (to - from == 4 || bytes[from + 4] == ':');
  }

  private static int valueFrom(byte[] bytes, int from, int to) {
    int value = Math.min(from + 5, to);
    return value < to && bytes[value] == ' ' ? value + 1 : value;
  }

  /**
   * Where the next CR or LF is, {@code to} when there is none; eight bytes at a time. JSON has no
   * byte below 0x20 within a line, so the first such byte nearly always is the end.
   */
  private static int endOfLine(byte[] bytes, int from, int to) {
    int at = from;
    while (at + Long.BYTES <= to) {
      long word = (long) LONG.get(bytes, at);
      long below = (word - 0x2020202020202020L) & ~word & 0x8080808080808080L;
      if (below == 0) {
        at += Long.BYTES;
        continue;
      }
      at += Long.numberOfTrailingZeros(below) >>> 3;
      if (bytes[at] == '\n' || bytes[at] == '\r') {
        return at;
      }
      at++;
    }
    while (at < to && bytes[at] != '\n' && bytes[at] != '\r') {
      at++;
    }
    return at;
  }
}
