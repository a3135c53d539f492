package io.muster.hub.http;

import io.muster.hub.quota.Spans;
import io.muster.hub.quota.Standing;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** OpenAI's {@code x-ratelimit-*}, for a caller that has a quota. */
final class RateLimitHeaders {
  private static final CharSequence LIMIT_REQUESTS = name("limit-requests");
  private static final CharSequence REMAINING_REQUESTS = name("remaining-requests");
  private static final CharSequence RESET_REQUESTS = name("reset-requests");
  private static final CharSequence LIMIT_TOKENS = name("limit-tokens");
  private static final CharSequence REMAINING_TOKENS = name("remaining-tokens");
  private static final CharSequence RESET_TOKENS = name("reset-tokens");

  private RateLimitHeaders() {}

  private static CharSequence name(String what) {
    return HttpHeaders.createOptimized("x-ratelimit-" + what);
  }

  static void write(Standing standing, MultiMap headers) {
    if (standing.requests() >= 0) {
      headers.set(LIMIT_REQUESTS, Long.toString(standing.requests()));
      headers.set(REMAINING_REQUESTS, Long.toString(standing.requestsLeft()));
      headers.set(RESET_REQUESTS, Spans.text(standing.requestsResetMs()));
    }
    if (standing.tokens() >= 0) {
      headers.set(LIMIT_TOKENS, Long.toString(standing.tokens()));
      headers.set(REMAINING_TOKENS, Long.toString(standing.tokensLeft()));
      headers.set(RESET_TOKENS, Spans.text(standing.tokensResetMs()));
    }
  }
}
