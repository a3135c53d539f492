package io.muster.bench.load;

import java.nio.charset.StandardCharsets;

/**
 * Reads one HTTP/1.1 answer after the other from pieces of any size, and hands the body, without
 * its chunk framing, to a {@link DeltaCheck}.
 *
 * <pre>
 * HEAD ─┬─ content-length ──▶ LENGTH ───────────────▶ COMPLETE
 *       ├─ chunked ──▶ SIZE ─▶ CHUNK ─▶ CHUNK_END ─▶ SIZE … TRAILER ─▶ COMPLETE
 *       └─ neither ──▶ UNTIL_CLOSE ── end of input ─▶ COMPLETE
 * </pre>
 */
final class AnswerReader {
  private enum State {
    HEAD,
    LENGTH,
    SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    UNTIL_CLOSE,
    COMPLETE,
    BROKEN
  }

  private static final int SAMPLE = 300;

  private final DeltaCheck check;
  private final byte[] line = new byte[8192];
  private final StringBuilder sample = new StringBuilder();
  private State state;
  private int lineLength;
  private int status;
  private long left;
  private boolean chunked;
  private boolean close;

  AnswerReader(DeltaCheck check) {
    this.check = check;
    begin();
  }

  /** Makes ready for the next answer on the connection. */
  void begin() {
    state = State.HEAD;
    lineLength = 0;
    status = 0;
    left = -1;
    chunked = false;
    close = false;
    sample.setLength(0);
    check.begin();
  }

  boolean complete() {
    return state == State.COMPLETE;
  }

  boolean broken() {
    return state == State.BROKEN;
  }

  int status() {
    return status;
  }

  /** The beginning of the body of an answer that is not 200. */
  String sample() {
    return sample.toString();
  }

  /** Whether another request may be sent on the connection. */
  boolean reusable() {
    return complete() && !close;
  }

  /** Tells that the peer has closed the connection; true when that completes the answer. */
  boolean endOfInput() {
    close = true;
    if (state == State.UNTIL_CLOSE) {
      state = State.COMPLETE;
    }
    return complete();
  }

  /** Reads the bytes; what follows a complete answer makes it broken, for nothing was asked. */
  void read(byte[] bytes, int from, int to, long now) {
    int i = from;
    while (i < to && state != State.BROKEN) {
      switch (state) {
        case HEAD, SIZE, TRAILER, CHUNK_END -> {
          byte b = bytes[i++];
          if (b == '\n') {
            line();
            lineLength = 0;
          } else if (lineLength == line.length) {
            state = State.BROKEN;
          } else if (b != '\r') {
            line[lineLength++] = b;
          }
        }
        case LENGTH, CHUNK -> {
          int end = (int) Math.min(to, i + left);
          body(bytes, i, end, now);
          left -= end - i;
          i = end;
          if (left == 0) {
            state = state == State.LENGTH ? State.COMPLETE : State.CHUNK_END;
          }
        }
        case UNTIL_CLOSE -> {
          body(bytes, i, to, now);
          i = to;
        }
        default -> state = State.BROKEN;
      }
    }
  }

  private void body(byte[] bytes, int from, int to, long now) {
    if (status == 200) {
      check.body(bytes, from, to, now);
    } else if (sample.length() < SAMPLE) {
      sample.append(new String(bytes, from, to - from, StandardCharsets.UTF_8));
    }
  }

  private void line() {
    switch (state) {
      case HEAD -> headLine();
      case SIZE -> {
        left = hex();
        state = left < 0 ? State.BROKEN : left == 0 ? State.TRAILER : State.CHUNK;
      }
      case CHUNK_END -> state = lineLength == 0 ? State.SIZE : State.BROKEN;
      case TRAILER -> state = lineLength == 0 ? State.COMPLETE : State.TRAILER;
      default -> throw new IllegalStateException(state.name());
    }
  }

  private void headLine() {
    if (status == 0) {
      status = lineLength >= 12 && line[0] == 'H' ? (int) decimal(9, 12) : -1;
      state = status < 200 ? State.BROKEN : State.HEAD;
    } else if (lineLength == 0) {
      state =
          chunked
              ? State.SIZE
              : left > 0 ? State.LENGTH : left == 0 ? State.COMPLETE : State.UNTIL_CLOSE;
    } else if (named("content-length:")) {
      left = decimal("content-length:".length(), lineLength);
    } else if (named("transfer-encoding:")) {
      chunked = lineLength >= 7 && line[lineLength - 1] == 'd';
    } else if (named("connection:")) {
      close =
          lineLength >= 5 && (line[lineLength - 1] | 0x20) == 'e' && line[lineLength - 2] != 'v';
    }
  }

  private boolean named(String name) {
    if (lineLength < name.length()) {
      return false;
    }
    for (int i = 0; i < name.length(); i++) {
      int b = line[i];
      if ((b >= 'A' && b <= 'Z' ? b | 0x20 : b) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private long decimal(int from, int to) {
    long value = 0;
    for (int i = from; i < to; i++) {
      if (line[i] >= '0' && line[i] <= '9') {
        value = value * 10 + line[i] - '0';
      }
    }
    return value;
  }

  private long hex() {
    long value = -1;
    for (int i = 0; i < lineLength; i++) {
      int digit = Character.digit(line[i], 16);
      if (digit < 0) {
        break; // a chunk extension
      }
      value = Math.max(0, value) * 16 + digit;
    }
    return value;
  }
}
