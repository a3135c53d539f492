package io.muster.worker.tunnel;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What frpc writes: into the log, and the last of it kept for who asks why it ended. */
final class LastWords {
  private static final Logger log = LoggerFactory.getLogger("frpc");
  private static final int MOST_LINES = 3;
  private static final int LONGEST_LINE = 500;

  /** Of its own HTTP interface, which it is asked by every few seconds: that would be all. */
  private static final String OF_BEING_ASKED = "[http/middleware.go:";

  /** How its warnings and errors begin, after the time. */
  private static final Pattern TROUBLE = Pattern.compile("[-0-9:. ]+\\[[WE]] (.*)");

  private final List<String> secrets;
  private final Deque<String> lines = new ArrayDeque<>();
  private String trouble = "";

  /**
   * @param secrets are taken out of whatever it writes
   */
  LastWords(List<String> secrets) {
    this.secrets = List.copyOf(secrets);
  }

  /** Reads on a thread of its own until the process ends. */
  Thread follow(InputStream output) {
    Thread reader = new Thread(() -> read(output), "muster-frpc-output");
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  /** The last lines, between slashes; empty for none. */
  synchronized String text() {
    return String.join(" / ", lines);
  }

  private void read(InputStream output) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(output, StandardCharsets.UTF_8))) {
      StringBuilder line = new StringBuilder();
      for (int c = in.read(); c >= 0; c = in.read()) {
        if (c == '\n') {
          take(line.toString());
          line.setLength(0);
        } else if (c != '\r' && line.length() < LONGEST_LINE) {
          line.append((char) c);
        }
      }
      take(line.toString());
    } catch (IOException e) {
      log.debug("nothing more can be read of it", e);
    }
  }

  synchronized void take(String line) {
    if (line.isBlank() || line.contains(OF_BEING_ASKED)) {
      return;
    }
    String shown = masked(line);
    Matcher wrong = TROUBLE.matcher(shown);
    if (wrong.matches() && !wrong.group(1).equals(trouble)) {
      // Once: it tries again every few seconds, with the same words.
      trouble = wrong.group(1);
      log.warn("{}", trouble);
    } else {
      log.debug("{}", shown);
    }
    if (lines.size() == MOST_LINES) {
      lines.removeFirst();
    }
    lines.addLast(shown);
  }

  String masked(String text) {
    String shown = text;
    for (String secret : secrets) {
      shown = shown.replace(secret, "***");
    }
    return shown;
  }
}
