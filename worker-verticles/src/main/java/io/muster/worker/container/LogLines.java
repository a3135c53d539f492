package io.muster.worker.container;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;

/** Cuts what a container writes into lines; one without an end is handed on in pieces. */
final class LogLines extends ResultCallback.Adapter<Frame> {
  private static final int LONGEST = 16 << 10;

  private final Engine.LineSink sink;
  private final Map<com.github.dockerjava.api.model.StreamType, ByteArrayOutputStream> open =
      new EnumMap<>(com.github.dockerjava.api.model.StreamType.class);
  private boolean over;

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

  private void hand(com.github.dockerjava.api.model.StreamType type, ByteArrayOutputStream line) {
    String name = type == com.github.dockerjava.api.model.StreamType.STDERR ? "stderr" : "stdout";
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    sink.line(name, text.endsWith("\r") ? text.substring(0, text.length() - 1) : text);
  }

  @Override
  public void onError(Throwable cause) {
    // Not the library's own way, which logs an error with its trace.
    end(cause instanceof java.io.IOException ? "the engine went away" : cause.getMessage());
  }

  @Override
  public void onComplete() {
    super.onComplete();
    open.forEach(
        (type, line) -> {
          if (line.size() > 0) {
            hand(type, line);
          }
        });
    end(null);
  }

  private synchronized void end(String problem) {
    if (!over) {
      over = true;
      sink.ended(problem);
    }
  }
}
