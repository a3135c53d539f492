package io.muster.worker.container;

/** The engine does not answer: it is down, or too slow. What was asked of it may have been done. */
final class EngineAway extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EngineAway(String message) {
    super(message, null, false, false);
  }
}
