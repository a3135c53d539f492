package io.muster.hub.auth;

import io.vertx.core.Future;

/**
 * Whose a token is, for those who get it otherwise than in a request's header: a socket's frame.
 */
public interface AdminTokens {
  /**
   * Checks a token.
   *
   * @return fails with 401 where it is forged, over or revoked, with 403 where its user lacks the
   *     role
   */
  Future<AdminUser> check(String token, Role role);
}
