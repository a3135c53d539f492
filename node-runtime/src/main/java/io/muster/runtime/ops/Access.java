package io.muster.runtime.ops;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;

/** Who may read what is not for everybody: the machine itself, or whoever has a token. */
public final class Access {
  private final boolean open;
  private final boolean loopback;
  private final List<byte[]> tokens;

  private Access(boolean open, boolean loopback, Collection<String> tokens) {
    this.open = open;
    this.loopback = loopback;
    this.tokens =
        tokens.stream()
            .filter(token -> token != null && !token.isBlank())
            .map(token -> token.strip().getBytes(StandardCharsets.UTF_8))
            .toList();
  }

  /** Everybody. */
  public static Access open() {
    return new Access(true, true, List.of());
  }

  /** Whoever has one of the tokens, as {@code Authorization: Bearer} or {@code x-api-key}. */
  public static Access tokens(Collection<String> tokens) {
    return new Access(false, false, tokens);
  }

  /** Processes of the same machine, and whoever has one of the tokens; blank ones do not count. */
  public static Access loopbackOrTokens(Collection<String> tokens) {
    return new Access(false, true, tokens);
  }

  public boolean allows(HttpServerRequest request) {
    return open || (loopback && fromThisMachine(request)) || hasToken(request);
  }

  /**
   * A proxy on the same machine speaks for others, so what it forwards is not from here; neither is
   * what a page has its reader's browser ask.
   */
  private static boolean fromThisMachine(HttpServerRequest request) {
    SocketAddress remote = request.remoteAddress();
    return remote != null
        && isLoopback(remote.hostAddress())
        && LocalNames.names(request)
        && !request.headers().contains("x-forwarded-for")
        && !request.headers().contains("x-real-ip")
        && !request.headers().contains("forwarded");
  }

  private static boolean isLoopback(String address) {
    return address != null
        && (address.startsWith("127.")
            || address.startsWith("::ffff:127.")
            || address.equals("::1")
            || address.equals("0:0:0:0:0:0:0:1"));
  }

  private boolean hasToken(HttpServerRequest request) {
    String given = bearer(request.getHeader("authorization"));
    if (given == null) {
      given = request.getHeader("x-api-key");
    }
    return given != null && isToken(given);
  }

  /** Whether this is one of the tokens, wherever it was presented. */
  public boolean isToken(String given) {
    byte[] bytes = given.strip().getBytes(StandardCharsets.UTF_8);
    boolean found = false;
    for (byte[] token : tokens) {
      // All are compared, each in constant time: the time taken tells nothing.
      found |= MessageDigest.isEqual(token, bytes);
    }
    return found;
  }

  private static String bearer(String authorization) {
    return authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
        ? authorization.substring(7)
        : null;
  }
}
