package io.muster.hub.events;

import io.muster.hub.auth.AdminTokens;
import io.muster.hub.auth.Role;
import io.muster.hub.http.ApiErrors;
import io.muster.runtime.ops.Access;
import io.vertx.core.Future;

/**
 * Who may read the events where a header cannot be sent: whoever has a viewer's token or one of
 * {@code API_KEYS}. Without any, nobody.
 */
final class Readers {
  private static final int LONGEST = 8192;

  private final AdminTokens tokens;
  private final Access keys;

  Readers(AdminTokens tokens, Access keys) {
    this.tokens = tokens;
    this.keys = keys;
  }

  /** Succeeds with a name for whoever has this token or key. */
  Future<String> byTokenOrKey(String given) {
    if (isSane(given) && keys.isToken(given)) {
      return Future.succeededFuture("an API key");
    }
    return byToken(given);
  }

  /** Succeeds with the user's name. */
  Future<String> byToken(String given) {
    if (!isSane(given)) {
      return Future.failedFuture(ApiErrors.of(401, "unauthorized", "'token' is missing."));
    }
    return tokens.check(given, Role.VIEWER).map(user -> user.name());
  }

  private static boolean isSane(String given) {
    return given != null && !given.isBlank() && given.length() <= LONGEST;
  }
}
