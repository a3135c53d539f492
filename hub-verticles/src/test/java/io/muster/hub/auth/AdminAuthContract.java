package io.muster.hub.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.event.Events;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.FeatureHub;
import io.muster.hub.http.FeatureHub.Reply;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What logging in promises over real HTTP, whatever the database. */
abstract class AdminAuthContract {
  private static final String PASSWORD = "correct horse battery";
  private static final long LOCKOUT_MS = 60_000;
  private static final long TOKEN_MS = 600_000;

  private final AtomicLong ahead = new AtomicLong();
  private final List<String> events = new ArrayList<>();
  private final Clock clock = new AheadClock(ahead);
  private FeatureHub hub;
  private Administrators administrators;

  abstract TestDatabase create();

  @BeforeEach
  void start() {
    TestDatabase home = create();
    hub =
        new FeatureHub(
            home,
            (vertx, database) ->
                Administrators.start(
                        vertx,
                        database,
                        options(home, Optional.of(PASSWORD)),
                        new Events("hub-test", event -> events.add(event.type()), clock),
                        clock)
                    .map(
                        started -> {
                          administrators = started;
                          List<ApiRoutes> routes = new ArrayList<>(started.routes());
                          routes.add(
                              (router, api) ->
                                  router
                                      .post("/api/admin/echo")
                                      .handler(
                                          started
                                              .guard()
                                              .forAdmins(
                                                  api,
                                                  Role.ADMIN,
                                                  (call, user) ->
                                                      call.body()
                                                          .map(b -> ApiReply.ok(b.toJson())))));
                          return routes;
                        }));
  }

  private static Administrators.Options options(TestDatabase home, Optional<String> password) {
    return new Administrators.Options(
        password,
        Optional.of("a secret of the test"),
        TOKEN_MS,
        2 * TOKEN_MS,
        3,
        LOCKOUT_MS,
        30,
        home.folder());
  }

  @AfterEach
  void stop() {
    if (administrators != null) {
      // Else there is no database to test with.
      administrators.close();
      hub.close();
    }
  }

  private Reply login(String user, String password) {
    return hub.send(
        "POST",
        "/api/admin/auth/login",
        null,
        new JsonObject().put("username", user).put("password", password));
  }

  private String token() {
    Reply reply = login("admin", PASSWORD);
    assertThat(reply.status()).as(reply.body().encode()).isEqualTo(200);
    return reply.body().getString("token");
  }

  private Reply me(String token) {
    return hub.send("GET", "/api/admin/auth/me", token, null);
  }

  @Test
  void givesATokenForThePassword() {
    Reply reply = login("admin", PASSWORD);

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().getBoolean("success")).isTrue();
    assertThat(reply.body().getLong("expiresAt")).isGreaterThan(clock.millis());
    assertThat(reply.body().getJsonObject("user").getString("role")).isEqualTo("admin");
    assertThat(me(reply.body().getString("token")).body().getJsonObject("user"))
        .isEqualTo(reply.body().getJsonObject("user"));
    assertThat(events).contains("admin_action");
  }

  @Test
  void answersAnUnknownUserAsAWrongPassword() {
    Reply wrong = login("admin", "not the password");
    Reply unknown = login("nobody", "not the password");

    assertThat(wrong.status()).isEqualTo(401);
    assertThat(unknown.status()).isEqualTo(401);
    wrong.body().remove("request_id");
    unknown.body().remove("request_id");
    assertThat(unknown.body()).isEqualTo(wrong.body());
  }

  @Test
  void refusesForgedTokens() throws Exception {
    String good = token();
    String[] parts = good.split("\\.");
    JsonObject claims =
        new JsonObject(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));

    String none = encode("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + parts[1] + ".";
    String changed =
        parts[0] + "." + encode(claims.copy().put("sub", "root").encode()) + "." + parts[2];
    String other = signed(parts[0] + "." + parts[1], "another secret");
    String unsigned = parts[0] + "." + parts[1] + ".";
    for (String forged : List.of(none, none + parts[2], changed, other, unsigned, "x", "a.b.c")) {
      assertThat(me(forged).status()).as(forged).isEqualTo(401);
    }
    assertThat(me(null).status()).isEqualTo(401);
    assertThat(me(null).raw().headers().firstValue("www-authenticate")).contains("Bearer");
    assertThat(me(good).status()).isEqualTo(200);
  }

  @Test
  void refusesATokenThatIsOver() {
    String token = token();

    ahead.set(TOKEN_MS + 2_000);

    assertThat(me(token).status()).isEqualTo(401);
  }

  @Test
  void takesARefreshTokenOnceAndOnlyForThat() {
    JsonObject session = login("admin", PASSWORD).body();
    JsonObject refresh = new JsonObject().put("refreshToken", session.getString("refreshToken"));

    assertThat(me(session.getString("refreshToken")).status()).isEqualTo(401);
    Reply renewed = hub.send("POST", "/api/admin/auth/refresh", null, refresh);
    assertThat(renewed.status()).isEqualTo(200);
    assertThat(me(renewed.body().getString("token")).status()).isEqualTo(200);
    assertThat(
            hub.send(
                    "POST",
                    "/api/admin/auth/refresh",
                    null,
                    new JsonObject().put("refreshToken", session.getString("token")))
                .status())
        .isEqualTo(401);
  }

  @Test
  void endsASessionWhoseRefreshTokenIsPresentedTwice() {
    String other = token();
    JsonObject session = login("admin", PASSWORD).body();
    JsonObject refresh = new JsonObject().put("refreshToken", session.getString("refreshToken"));
    JsonObject renewed = hub.send("POST", "/api/admin/auth/refresh", null, refresh).body();
    assertThat(me(renewed.getString("token")).status()).isEqualTo(200);

    // One of the two has stolen it: which one nobody knows.
    assertThat(hub.send("POST", "/api/admin/auth/refresh", null, refresh).status()).isEqualTo(401);

    assertThat(me(renewed.getString("token")).status()).isEqualTo(401);
    JsonObject next = new JsonObject().put("refreshToken", renewed.getString("refreshToken"));
    assertThat(hub.send("POST", "/api/admin/auth/refresh", null, next).status()).isEqualTo(401);
    assertThat(me(other).status()).isEqualTo(200);
  }

  @Test
  void endsTheWholeSessionAtLogout() {
    JsonObject session = login("admin", PASSWORD).body();
    String other = token();

    assertThat(
            hub.send("POST", "/api/admin/auth/logout", session.getString("token"), null).status())
        .isEqualTo(200);

    assertThat(me(session.getString("token")).status()).isEqualTo(401);
    assertThat(
            hub.send(
                    "POST",
                    "/api/admin/auth/refresh",
                    null,
                    new JsonObject().put("refreshToken", session.getString("refreshToken")))
                .status())
        .isEqualTo(401);
    assertThat(me(other).status()).isEqualTo(200);
  }

  @Test
  void locksOutWhoeverGuesses() {
    for (int i = 0; i < 3; i++) {
      assertThat(login("admin", "guess number " + i).status()).isEqualTo(401);
    }

    Reply locked = login("admin", PASSWORD);
    assertThat(locked.status()).isEqualTo(429);
    assertThat(locked.raw().headers().firstValue("retry-after")).isPresent();
    assertThat(login("nobody", "x").status()).isEqualTo(401);

    ahead.set(LOCKOUT_MS + 1);
    assertThat(login("admin", PASSWORD).status()).isEqualTo(200);
  }

  @Test
  void locksOutAnAddressThatGuessesUsers() {
    int wrong = 0;
    while (login("user" + wrong, "x").status() == 401) {
      wrong++;
    }

    assertThat(wrong).isEqualTo(12);
    assertThat(login("admin", PASSWORD).status()).isEqualTo(429);
  }

  @Test
  void managesUsersAndTheirRoles() {
    String admin = token();
    JsonObject viewer =
        new JsonObject()
            .put("username", "eve")
            .put("password", "a long password")
            .put("role", "viewer");

    assertThat(hub.send("POST", "/api/admin/users", admin, viewer).status()).isEqualTo(201);
    assertThat(hub.send("POST", "/api/admin/users", admin, viewer).status()).isEqualTo(409);
    String eve = login("eve", "a long password").body().getString("token");
    assertThat(hub.send("GET", "/api/admin/users", eve, null).status()).isEqualTo(403);
    assertThat(hub.send("POST", "/api/admin/echo", eve, new JsonObject()).status()).isEqualTo(403);

    // Another role counts for the token that is there already.
    JsonObject promoted = new JsonObject().put("role", "admin");
    assertThat(hub.send("PUT", "/api/admin/users/eve", admin, promoted).status()).isEqualTo(200);
    assertThat(hub.send("GET", "/api/admin/users", eve, null).status()).isEqualTo(200);

    // Another password ends it.
    JsonObject next = new JsonObject().put("password", "another password");
    assertThat(hub.send("PUT", "/api/admin/users/eve", admin, next).status()).isEqualTo(200);
    assertThat(me(eve).status()).isEqualTo(401);
    assertThat(login("eve", "another password").status()).isEqualTo(200);

    assertThat(hub.send("DELETE", "/api/admin/users/eve", admin, null).status()).isEqualTo(200);
    assertThat(hub.send("DELETE", "/api/admin/users/eve", admin, null).status()).isEqualTo(404);
    assertThat(
            hub.send("PUT", "/api/admin/users/admin", admin, new JsonObject().put("role", "viewer"))
                .status())
        .isEqualTo(409);
  }

  @Test
  void givesANewUserNoneOfTheTokensOfOneRemovedBefore() {
    String admin = token();
    JsonObject first =
        new JsonObject()
            .put("username", "sam")
            .put("password", "the first of them")
            .put("role", "viewer");
    hub.send("POST", "/api/admin/users", admin, first);
    JsonObject session = login("sam", "the first of them").body();
    assertThat(me(session.getString("token")).status()).isEqualTo(200);

    hub.send("DELETE", "/api/admin/users/sam", admin, null);
    JsonObject second = first.copy().put("password", "somebody else now").put("role", "admin");
    assertThat(hub.send("POST", "/api/admin/users", admin, second).status()).isEqualTo(201);

    assertThat(me(session.getString("token")).status()).isEqualTo(401);
    JsonObject refresh = new JsonObject().put("refreshToken", session.getString("refreshToken"));
    assertThat(hub.send("POST", "/api/admin/auth/refresh", null, refresh).status()).isEqualTo(401);
  }

  @Test
  void changesOnesOwnPassword() {
    String admin = token();
    hub.send(
        "POST",
        "/api/admin/users",
        admin,
        new JsonObject()
            .put("username", "bob")
            .put("password", "first password")
            .put("role", "viewer"));
    String bob = login("bob", "first password").body().getString("token");
    JsonObject wrong =
        new JsonObject().put("currentPassword", "guessed").put("newPassword", "second password");

    assertThat(hub.send("PUT", "/api/admin/auth/password", bob, wrong).status()).isEqualTo(401);
    Reply changed =
        hub.send(
            "PUT",
            "/api/admin/auth/password",
            bob,
            wrong.copy().put("currentPassword", "first password"));

    assertThat(changed.status()).isEqualTo(200);
    assertThat(me(bob).status()).isEqualTo(401);
    assertThat(me(changed.body().getString("token")).status()).isEqualTo(200);
    // ADMIN_PASSWORD is set here: the next start would undo it.
    assertThat(
            hub.send(
                    "PUT",
                    "/api/admin/auth/password",
                    admin,
                    wrong.copy().put("currentPassword", PASSWORD))
                .status())
        .isEqualTo(409);
  }

  @Test
  void readsBodiesThatArriveBeforeTheUserIsKnown() {
    String big = "x".repeat(200_000);

    Reply reply = hub.send("POST", "/api/admin/echo", token(), new JsonObject().put("text", big));

    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.body().getString("text")).isEqualTo(big);
  }

  @Test
  void writesDownWhatWasDoneAndNoPassword() {
    String admin = token();
    hub.send(
        "POST",
        "/api/admin/users",
        admin,
        new JsonObject()
            .put("username", "al")
            .put("password", "very secret indeed")
            .put("role", "viewer"));
    login("al", "wrong");

    List<AuditLog.Entry> entries =
        TestDatabase.await(
            administrators.audit().list(new AuditLog.Wanted(Long.MAX_VALUE, null, null, 10)));

    assertThat(entries)
        .extracting(
            AuditLog.Entry::user,
            AuditLog.Entry::action,
            AuditLog.Entry::target,
            AuditLog.Entry::outcome)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("-", "login", "al", "wrong_password"),
            org.assertj.core.groups.Tuple.tuple("admin", "POST /api/admin/users", "al", "ok"),
            org.assertj.core.groups.Tuple.tuple("admin", "login", "admin", "ok"));
    assertThat(entries.toString()).doesNotContain("very secret").doesNotContain(PASSWORD);
    assertThat(entries.get(0).address()).isEqualTo("127.0.0.1");
  }

  @Test
  void makesAPasswordAndShowsItOnce() {
    ByteArrayOutputStream console = new ByteArrayOutputStream();
    try (TestDatabase home = create()) {
      var database = home.open(hub.vertx);
      for (int i = 0; i < 2; i++) {
        Administrators made =
            TestDatabase.await(
                Administrators.start(
                    hub.vertx,
                    database,
                    options(home, Optional.empty()),
                    new Events("h", event -> {}, clock),
                    clock,
                    new PrintStream(console, true, StandardCharsets.UTF_8),
                    true));
        TestDatabase.await(made.ready());
        made.close();
      }
      TestDatabase.await(database.close());
    }
    assertThat(console.toString(StandardCharsets.UTF_8))
        .matches("The password of the user admin, shown this once: \\w{20}\\R");
  }

  private static String encode(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private static String signed(String text, String secret) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    return text
        + "."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The system's time, and as much more as the test says. */
  private static final class AheadClock extends Clock {
    private final AtomicLong ahead;

    AheadClock(AtomicLong ahead) {
      this.ahead = ahead;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.now().plusMillis(ahead.get());
    }
  }
}
