package io.muster.hub.http;

/** Sees every answer go by, for the metrics; called on the hub's event loop, so it is quick. */
public interface HttpObserver {
  /** Sees nothing. */
  HttpObserver NONE = (status, elapsedNanos) -> {};

  /**
   * An answer was written to its end, or its client went away.
   *
   * @param status 499 when the client went away
   * @param elapsedNanos since the request's head had arrived
   */
  void answered(int status, long elapsedNanos);
}
