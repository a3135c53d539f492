package io.muster.system;

/**
 * How one request of the {@link Load} ended.
 *
 * @param what native or OpenAI, streamed or not
 * @param kind how it ended
 * @param worker who answered, null when nobody said
 * @param begunAt when its connection was there, {@link System#nanoTime}
 * @param endedAt when it was over
 * @param detail for people, what went wrong
 */
record Outcome(String what, Kind kind, String worker, long begunAt, long endedAt, String detail) {

  enum Kind {
    /** The whole answer, word by word as it should be. */
    OK,
    /** The hub could not be reached at all. */
    NO_CONNECTION,
    /** The connection ended before the answer's first byte. */
    CUT_BEFORE_ANSWER,
    /** A stream had begun and ended in an event that says what went wrong. */
    ERROR_EVENT,
    /** The connection ended within an answer that had begun. */
    CUT,
    /** 429 or 503 with Retry-After. */
    COME_BACK,
    /** Any other status. */
    BAD_STATUS,
    /** An answer that claims to be whole and is not the right one. */
    WRONG_ANSWER
  }
}
