package io.muster.hub.http;

/**
 * Who sends a request, as far as the hub knows.
 *
 * @param name never the key itself
 */
record Caller(String name) {
  /** Nobody had to say who they are. */
  static final Caller ANYONE = new Caller("anyone");
}
