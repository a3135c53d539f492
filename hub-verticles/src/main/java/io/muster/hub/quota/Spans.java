package io.muster.hub.quota;

/** Spans of time as OpenAI's rate limit headers write them: {@code 12ms}, {@code 6m0s}. */
public final class Spans {
  private Spans() {}

  /** Seconds are rounded up, so that whoever waits that long has waited long enough. */
  public static String text(long ms) {
    if (ms < 1000) {
      return ms + "ms";
    }
    long seconds = (ms + 999) / 1000;
    long minutes = seconds / 60;
    long hours = minutes / 60;
    if (hours > 0) {
      return hours + "h" + minutes % 60 + "m" + seconds % 60 + "s";
    }
    return minutes > 0 ? minutes + "m" + seconds % 60 + "s" : seconds + "s";
  }
}
