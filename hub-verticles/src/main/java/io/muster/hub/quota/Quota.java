package io.muster.hub.quota;

import io.muster.hub.quota.Refusal.What;

/**
 * What one principal has used and holds, in all hubs together: the rules, without a clock and
 * without a database.
 *
 * <pre>
 *              reserve                      settle
 *   request ───────────▶ held: tokens, slot ───────▶ used: tokens of the day
 *      │ refused            │ the holder's hub died
 *      ▼                    ▼
 *   nothing changes      given back
 * </pre>
 *
 * <p>At each reservation {@code used + held ≤ limit} holds for tokens and {@code held ≤ limit} for
 * streams, by the check in {@link #reserve}; settling moves a request's tokens from held to used
 * and never adds more than was held, unless the answer came out longer than its estimate: then what
 * is beyond counts too, and nothing more is admitted until there is room. What is held counts
 * whatever day it was reserved on, so that a request over midnight cannot overdraw the new day.
 */
final class Quota {
  static final long DAY_MS = 86_400_000;

  /** When only time's passing is unknown, because what is held may be given back at any moment. */
  private static final long SOON_MS = 1000;

  private long nowMs;
  private long day;
  private long tokens;
  private final SlidingWindow requests;
  private long heldTokens;
  private long heldStreams;

  /**
   * As it was left.
   *
   * @param changedMs when; time never goes back from there, though hubs may see it do so
   * @param tokens used on {@code day}
   */
  Quota(
      long changedMs,
      long day,
      long tokens,
      SlidingWindow requests,
      long heldTokens,
      long heldStreams) {
    this.nowMs = changedMs;
    this.day = day;
    this.tokens = tokens;
    this.requests = requests;
    this.heldTokens = heldTokens;
    this.heldStreams = heldStreams;
  }

  static Quota fresh() {
    return new Quota(0, 0, 0, new SlidingWindow(), 0, 0);
  }

  /** Lets time pass: a new day begins with nothing used. */
  void at(long ms) {
    nowMs = Math.max(nowMs, ms);
    long today = Math.floorDiv(nowMs, DAY_MS);
    if (today > day) {
      day = today;
      tokens = 0;
    }
  }

  /**
   * Takes what a request needs, all of it or nothing.
   *
   * @return null when it was taken
   */
  Refusal reserve(Limits limits, Demand demand) {
    Refusal refusal = look(limits, demand);
    if (refusal == null) {
      requests.add(nowMs);
      heldTokens += demand.tokens();
      heldStreams += demand.stream() ? 1 : 0;
    }
    return refusal;
  }

  private Refusal look(Limits limits, Demand demand) {
    if (limits.requestsPerMinute() >= 0) {
      long most = limits.windowRequests();
      long counted = requests.count(nowMs, limits.windowMs());
      if (counted >= most) {
        return new Refusal(
            What.REQUESTS,
            most,
            counted,
            1,
            limits.windowMs(),
            requests.waitMs(nowMs, limits.windowMs(), most));
      }
    }
    if (demand.stream() && limits.streams() >= 0 && heldStreams >= limits.streams()) {
      long again = limits.streams() == 0 ? 0 : SOON_MS;
      return new Refusal(What.STREAMS, limits.streams(), heldStreams, 1, 0, again);
    }
    long most = limits.tokensPerDay();
    if (limits.countsTokens() && tokens + heldTokens + demand.tokens() > most) {
      long again =
          demand.tokens() > most ? 0 : tokens + demand.tokens() > most ? dayEndsMs() : SOON_MS;
      return new Refusal(What.TOKENS, most, tokens + heldTokens, demand.tokens(), DAY_MS, again);
    }
    return null;
  }

  /**
   * A request is over.
   *
   * @param used its tokens, as many as they were
   */
  void settle(Demand held, long used) {
    giveBack(held);
    count(used);
  }

  /** Counts tokens that nothing was held for any more. */
  void count(long used) {
    tokens += used;
  }

  /** A request's holder is gone. */
  void giveBack(Demand held) {
    heldTokens -= held.tokens();
    heldStreams -= held.stream() ? 1 : 0;
  }

  Standing standing(Limits limits) {
    boolean rated = limits.requestsPerMinute() >= 0;
    boolean counted = limits.countsTokens();
    long most = rated ? limits.windowRequests() : Limits.NONE;
    return new Standing(
        most,
        rated ? Math.max(0, most - requests.count(nowMs, limits.windowMs())) : Limits.NONE,
        rated ? requests.emptyMs(nowMs, limits.windowMs()) : 0,
        limits.tokensPerDay(),
        counted ? Math.max(0, limits.tokensPerDay() - tokens - heldTokens) : Limits.NONE,
        counted ? dayEndsMs() : 0);
  }

  long dayEndsMs() {
    return (day + 1) * DAY_MS - nowMs;
  }

  long nowMs() {
    return nowMs;
  }

  long day() {
    return day;
  }

  /** Used today. */
  long tokens() {
    return tokens;
  }

  SlidingWindow requests() {
    return requests;
  }

  long heldTokens() {
    return heldTokens;
  }

  long heldStreams() {
    return heldStreams;
  }
}
