package io.muster.hub.gateway;

/** Why the hub closes a node's connection: the codes of RFC 6455, and one of our own. */
enum CloseCode {
  /** The node has unregistered. */
  DONE(1000),
  /** The hub stops: another one, or this one again, can be tried at once. */
  HUB_STOPS(1001),
  /** Refused, not proved in time, silent, revoked, or too many wrong frames. */
  POLICY(1008),
  /** The hub cannot decide now: to be tried later. */
  TRY_LATER(1013),
  /** Another connection of the same node took its place: not to be tried again by itself. */
  TAKEN_OVER(4001);

  private final short number;

  CloseCode(int number) {
    this.number = (short) number;
  }

  short number() {
    return number;
  }
}
