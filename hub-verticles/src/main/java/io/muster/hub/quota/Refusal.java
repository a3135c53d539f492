package io.muster.hub.quota;

/**
 * Why a request is not admitted.
 *
 * @param what the limit
 * @param limit how much there may be
 * @param used how much was used or is reserved
 * @param wanted how much more was asked for
 * @param windowMs over how long it is counted; 0 for what is counted at a moment
 * @param retryAfterMs when the same request can succeed; 0 when it never can, being larger than the
 *     limit itself
 */
public record Refusal(
    What what, long limit, long used, long wanted, long windowMs, long retryAfterMs) {

  /** The limits by the names that settings, API and logs give them. */
  public enum What {
    REQUESTS("maxRequestsPerMinute", "requests"),
    TOKENS("maxTokensPerDay", "tokens"),
    STREAMS("maxConcurrentStreams", "streams");

    private final String label;
    private final String unit;

    What(String label, String unit) {
      this.label = label;
      this.unit = unit;
    }

    public String label() {
      return label;
    }

    /** What is counted. */
    public String unit() {
      return unit;
    }
  }

  /** For clients and nodes. */
  public String message() {
    String when =
        retryAfterMs == 0
            ? "this request alone asks for more"
            : "again in " + Spans.text(retryAfterMs);
    return switch (what) {
      case REQUESTS ->
          "Request quota exceeded: %d of %d requests were made in the last %d s; %s."
              .formatted(used, limit, windowMs / 1000, when);
      case TOKENS ->
          "Daily token quota exceeded: %d of %d tokens are used or reserved, %d more were asked for; %s."
              .formatted(used, limit, wanted, when);
      case STREAMS ->
          "Stream quota exceeded: %d of %d streams are open; %s.".formatted(used, limit, when);
    };
  }
}
