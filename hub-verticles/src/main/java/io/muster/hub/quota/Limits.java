package io.muster.hub.quota;

/**
 * What one principal may use, in all hubs together; {@link #NONE} stands for no limit.
 *
 * <p>{@code burst} says over how many minutes the rate of requests is held: at most {@code
 * requestsPerMinute × burst} requests in any {@code burst} minutes. So the mean never exceeds the
 * rate, and as many as {@code burst} minutes' worth may come at once; 1 allows no burst at all.
 *
 * @param requestsPerMinute requests in a minute, as the mean over {@code burst} minutes
 * @param tokensPerDay tokens of prompts and answers in a day of UTC
 * @param streams streams at once
 * @param burst 1 to {@link #MAX_BURST}
 */
public record Limits(long requestsPerMinute, long tokensPerDay, long streams, int burst) {
  /** No limit. */
  public static final long NONE = -1;

  /** As long as a window is remembered. */
  public static final int MAX_BURST = 10;

  public static final Limits UNLIMITED = new Limits(NONE, NONE, NONE, 1);

  /** Whether nothing needs to be counted. */
  public boolean unlimited() {
    return requestsPerMinute < 0 && tokensPerDay < 0 && streams < 0;
  }

  /** Whether tokens have to be known in advance. */
  public boolean countsTokens() {
    return tokensPerDay >= 0;
  }

  /** Milliseconds over which requests are counted. */
  long windowMs() {
    return 60_000L * burst;
  }

  /** Requests in a window. */
  long windowRequests() {
    return requestsPerMinute * burst;
  }
}
