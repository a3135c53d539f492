package io.muster.hub.quota;

import io.vertx.core.Future;

/** What admits requests by their principal's limits; used on the hub's event loop. */
public interface QuotaGate {
  /** Nobody has a limit. */
  QuotaGate OPEN =
      new QuotaGate() {
        @Override
        public Limits limits(Principal principal) {
          return Limits.UNLIMITED;
        }

        @Override
        public Future<Hold> reserve(
            Principal principal, Limits limits, Demand demand, String requestId) {
          throw new IllegalStateException("what has no limit reserves nothing");
        }

        @Override
        public long answerTokens() {
          return 0;
        }
      };

  /** What counts for a principal now; a look into a map. */
  Limits limits(Principal principal);

  /**
   * Takes what a request needs, committed in the database before this succeeds.
   *
   * @param limits not unlimited
   * @param requestId for the log
   * @return fails with {@link QuotaExceeded}, or with UNREACHABLE while the database is away: what
   *     cannot be counted is not admitted
   */
  Future<Hold> reserve(Principal principal, Limits limits, Demand demand, String requestId);

  /** Tokens that an answer is expected to have where its request does not say. */
  long answerTokens();
}
