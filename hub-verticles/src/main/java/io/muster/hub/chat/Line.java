package io.muster.hub.chat;

import io.muster.bus.Fault;
import java.util.ArrayDeque;
import java.util.Deque;

/** The turns of one session in this hub: one at its head, the others waiting in order. */
final class Line {
  final String sessionId;
  private final Deque<Waiter> waiting = new ArrayDeque<>();
  private boolean headTaken;

  Line(String sessionId) {
    this.sessionId = sessionId;
  }

  int waiting() {
    return waiting.size();
  }

  void join(Waiter waiter) {
    waiting.addLast(waiter);
  }

  void leave(Waiter waiter) {
    waiting.remove(waiter);
  }

  /** The next one's turn, when the head is free and somebody waits; else null. */
  Waiter next() {
    if (headTaken) {
      return null;
    }
    Waiter next = waiting.pollFirst();
    headTaken = next != null;
    return next;
  }

  void freeHead() {
    headTaken = false;
  }

  /** Answers all who wait, the head not among them. */
  void failWaiting(Fault fault) {
    waiting.forEach(waiter -> waiter.fail(fault.asException()));
    waiting.clear();
  }

  boolean isEmpty() {
    return !headTaken && waiting.isEmpty();
  }
}
