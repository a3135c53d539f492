package io.muster.hub.fleet;

import java.util.Locale;

/** Spans of time as people read them. */
final class Ages {
  private Ages() {}

  /** {@code 0.4 s}, {@code 59.9 s}, {@code 12 min}, {@code 5 h}, {@code 3 d}. */
  static String text(long ms) {
    long span = Math.max(0, ms);
    if (span < 60_000) {
      return String.format(Locale.ROOT, "%d.%d s", span / 1000, span % 1000 / 100);
    }
    long minutes = span / 60_000;
    if (minutes < 120) {
      return minutes + " min";
    }
    long hours = minutes / 60;
    return hours < 48 ? hours + " h" : hours / 24 + " d";
  }

  /** {@code in 4 s}, rounded up, or {@code now}. */
  static String until(long ms) {
    if (ms <= 0) {
      return "now";
    }
    return ms < 60_000 ? "in " + (ms + 999) / 1000 + " s" : "in " + text(ms);
  }
}
