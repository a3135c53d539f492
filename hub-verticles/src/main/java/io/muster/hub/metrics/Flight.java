package io.muster.hub.metrics;

/** A job that has not ended: what its meters need to remember of it. */
final class Flight {
  final boolean stream;
  int attempts;
  long attemptedAt;

  /** Whether its last attempt has not been heard to fail. */
  boolean trying;

  /** Nanoseconds from the submission to the first piece, negative before it. */
  long firstToken = -1;

  Flight(boolean stream) {
    this.stream = stream;
  }
}
