package io.muster.hub.http;

import io.muster.hub.quota.Principal;

/**
 * Who sends a request, as far as the hub knows.
 *
 * @param principal whose quota it takes
 */
record Caller(Principal principal) {
  /** Nobody had to say who they are. */
  static final Caller ANYONE = new Caller(Principal.key("anyone"));

  /** Never the key itself. */
  String name() {
    return principal.name();
  }
}
