package io.muster.worker.job;

/** How many pieces of a stream may be sent before the hub grants more. Pure. */
final class CreditWindow {
  private int left;

  CreditWindow(int initial) {
    left = initial;
  }

  /** A piece was sent; it may go below zero by what had been read already. */
  void spend() {
    left--;
  }

  void grant(int frames) {
    left += frames;
  }

  boolean isEmpty() {
    return left <= 0;
  }
}
