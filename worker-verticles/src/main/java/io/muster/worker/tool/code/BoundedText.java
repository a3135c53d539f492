package io.muster.worker.tool.code;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Output up to a size; the rest is read, so that whoever writes goes on, and dropped. */
final class BoundedText {
  private final int most;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private boolean cut;

  BoundedText(int most) {
    this.most = most;
  }

  /** Reads to the end; blocks. */
  void read(InputStream in) {
    byte[] buffer = new byte[8_192];
    try {
      int read;
      while ((read = in.read(buffer)) >= 0) {
        add(buffer, read);
      }
    } catch (IOException e) {
      // It was killed: what came so far counts.
    }
  }

  synchronized void add(byte[] bytes, int length) {
    int room = Math.min(length, most - kept.size());
    kept.write(bytes, 0, Math.max(0, room));
    cut |= room < length;
  }

  synchronized String text() {
    return kept.toString(StandardCharsets.UTF_8);
  }

  synchronized boolean isCut() {
    return cut;
  }
}
