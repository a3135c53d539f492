package io.muster.hub.events;

/** A subscriber's connection. Used on the hub's event loop. */
interface Outlet {
  /** Whether it takes no more for now. */
  boolean isFull();

  void write(Told told);

  /** Is run once, when it takes more. */
  void whenDrained(Runnable action);

  /** Shows both sides that the connection is alive. */
  void keepAlive();

  /** Ends it because whoever reads may not any more. */
  void revoke();

  /** Ends it because the other side takes too little. */
  void cutOff();
}
