package io.muster.hub.auth;

import io.muster.hub.http.ApiErrors;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.Sql;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.PubSecKeyOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Clock;
import java.util.HexFormat;

/** Signs and reads the tokens: JSON web tokens, HS256 and nothing else. */
final class Tokens {
  private static final String ALGORITHM = "HS256";
  private static final String ISSUER = "muster";
  private static final int ID_BYTES = 16;
  private static final int SECRET_BYTES = 32;

  /** What a token is for: one must not pass for the other. */
  enum Use {
    ACCESS,
    REFRESH
  }

  /**
   * What a token says.
   *
   * @param session the same in all tokens that came of one login
   * @param expiresAt milliseconds since 1970
   */
  record Claims(Use use, String user, long generation, String id, String session, long expiresAt) {}

  /**
   * @param text as it is presented
   */
  record Token(String text, Claims claims) {}

  private final JWTAuth jwt;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param secret of any length
   */
  Tokens(Vertx vertx, String secret, Clock clock) {
    this.clock = clock;
    this.jwt =
        JWTAuth.create(
            vertx,
            new JWTAuthOptions()
                .setJWTOptions(new JWTOptions().setIssuer(ISSUER))
                .addPubSecKey(
                    new PubSecKeyOptions().setAlgorithm(ALGORITHM).setBuffer(digest(secret))));
  }

  /** The secret that all hubs of the database share, made by the first. */
  static Future<String> storedSecret(Database database) {
    byte[] fresh = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(fresh);
    String made = HexFormat.of().formatHex(fresh);
    return database.transact(
        connection -> {
          Sql.update(
              connection,
              "INSERT INTO admin_signing (id, secret) VALUES (1, ?) ON CONFLICT DO NOTHING",
              made);
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT secret FROM admin_signing WHERE id = 1");
              ResultSet row = select.executeQuery()) {
            row.next();
            return row.getString(1);
          }
        });
  }

  /** An id that nobody guesses. */
  String newId() {
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /**
   * A new token.
   *
   * @param lifeMs how long it holds, rounded up to a second
   */
  Token issue(Use use, Account account, String session, long lifeMs) {
    long seconds = clock.millis() / 1000 + (lifeMs + 999) / 1000;
    Claims claims =
        new Claims(use, account.name(), account.generation(), newId(), session, seconds * 1000);
    JsonObject body =
        new JsonObject()
            .put("sub", claims.user())
            .put("gen", claims.generation())
            .put("jti", claims.id())
            .put("sid", session)
            .put("use", use.name())
            .put("exp", seconds);
    String text =
        jwt.generateToken(body, new JWTOptions().setAlgorithm(ALGORITHM).setIssuer(ISSUER));
    return new Token(text, claims);
  }

  /**
   * What a token says.
   *
   * @return fails with 401 where it is not one of ours, over, or for another use
   */
  Future<Claims> read(String token, Use use) {
    return jwt.authenticate(new TokenCredentials(token))
        .map(user -> claims(user.attributes().getJsonObject("accessToken")))
        .recover(cause -> Future.failedFuture(unauthorized()))
        .compose(
            claims ->
                // Vert.x looks at the time too; here it is the clock that tests can set.
                claims.use() == use && claims.expiresAt() > clock.millis()
                    ? Future.succeededFuture(claims)
                    : Future.failedFuture(unauthorized()));
  }

  static RuntimeException unauthorized() {
    return ApiErrors.of(
        401,
        "unauthorized",
        "A valid token is needed: 'Authorization: Bearer TOKEN', from POST /api/admin/auth/login.");
  }

  private static Claims claims(JsonObject body) {
    return new Claims(
        Use.valueOf(body.getString("use")),
        body.getString("sub"),
        body.getLong("gen"),
        body.getString("jti"),
        body.getString("sid"),
        body.getLong("exp") * 1000);
  }

  private static String digest(String secret) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256")
                  .digest(("muster-admin-token\n" + secret).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
