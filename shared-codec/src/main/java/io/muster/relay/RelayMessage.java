package io.muster.relay;

import io.muster.bus.Failure;

/** What passes between the two ends of a relay: what was sent on a bus, and what becomes of it. */
sealed interface RelayMessage {

  /** For one of those who serve the address; nothing comes back. */
  record Tell(String address, Record body) implements RelayMessage {}

  /** For all who listen at the address. */
  record Publish(String address, Record body) implements RelayMessage {}

  /**
   * Wants a {@link Reply} or a {@link Fail} with the same number.
   *
   * @param timeoutMs how long the asker waits
   */
  record Ask(String address, long number, int timeoutMs, Record body) implements RelayMessage {}

  record Reply(long number, Record body) implements RelayMessage {}

  record Fail(long number, Failure failure, String message) implements RelayMessage {}

  /**
   * One that another version may understand.
   *
   * @param number of the question that it was, 0 when it was none
   */
  record Unreadable(long number, String why) implements RelayMessage {}
}
