package io.muster.worker.container;

import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/** Cuts what a container writes into lines; one without an end is handed on in pieces. */
final class LogLines extends EngineStream<Frame> {
  private static final int LONGEST = 16 << 10;

  private final Engine.LineSink sink;
  private final Map<StreamType, ByteArrayOutputStream> open = new EnumMap<>(StreamType.class);

  LogLines(Engine.LineSink sink) {
    this.sink = sink;
  }

  @Override
  public void onNext(Frame frame) {
    var line = open.computeIfAbsent(frame.getStreamType(), type -> new ByteArrayOutputStream());
    for (byte b : frame.getPayload()) {
      if (b == '\n') {
        hand(frame.getStreamType(), line);
      } else {
        line.write(b);
        if (line.size() >= LONGEST) {
          hand(frame.getStreamType(), line);
        }
      }
    }
  }

  private void hand(StreamType type, ByteArrayOutputStream line) {
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    sink.line(
        type == StreamType.STDERR ? "stderr" : "stdout",
        text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
  }

  @Override
  void ended(Throwable cause) {
    if (cause == null) {
      open.forEach(
          (type, line) -> {
            if (line.size() > 0) {
              hand(type, line);
            }
          });
    }
    sink.ended(cause == null ? null : problem(cause));
  }

  private static String problem(Throwable cause) {
    for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
      if (inner instanceof IOException) {
        return "the engine went away";
      }
    }
    return String.valueOf(cause.getMessage());
  }
}
