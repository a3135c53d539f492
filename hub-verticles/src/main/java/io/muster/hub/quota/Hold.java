package io.muster.hub.quota;

/** What was reserved for one request; used on the hub's event loop. */
public interface Hold {
  /** How much was left right after it. */
  Standing standing();

  /**
   * Counts what the request has really taken and gives everything else back; only the first call
   * does anything.
   *
   * @param tokens 0 for a request that never reached a model
   */
  void settle(long tokens);

  /**
   * Is run when this hub could not renew its lease in time: others may then use what was held, so
   * the request has to end.
   */
  void whenLost(Runnable action);
}
