package io.muster.hub.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Bus;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.identity.NodeKeys;
import io.muster.identity.PublicNodeKey;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who is let in, on a real database. */
abstract class IdentitiesContract {
  private static final PublicNodeKey KEY = NodeKeys.generate().publicKey();
  private static final PublicNodeKey OTHER = NodeKeys.generate().publicKey();

  private final AtomicLong now = new AtomicLong(1_700_000_000_000L);
  private final List<String> changed = new CopyOnWriteArrayList<>();
  private Vertx vertx;
  private TestDatabase files;
  private Database database;
  private Identities identities;
  private Context loop;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    vertx = Vertx.vertx();
    files = create();
    database = files.open(vertx);
    identities = with(true);
    loop = vertx.getOrCreateContext();
  }

  @AfterEach
  void close() {
    TestDatabase.await(database.close());
    TestDatabase.await(vertx.close());
    files.close();
  }

  @Test
  void aKnownKeyIsEnoughAndAnotherIsNot() {
    assertThat(admit(claim("w", KEY, null, true)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.SECRET, true));
    assertThat(admit(claim("w", KEY, null, false)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.SECRET, false));
    assertThat(code(claim("w", OTHER, null, true))).isEqualTo("other_key");
    assertThat(code(claim("w", null, null, true))).isEqualTo("other_key");
    assertThat(code(claim("x", OTHER, null, false))).isEqualTo("not_admitted");
  }

  @Test
  void aTokenIsUsedUpByOneNodeAndKey() {
    String token = token(60_000, null);
    assertThat(admit(claim("w", KEY, token, false)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.JOIN_TOKEN, true));
    assertThat(admit(claim("w", KEY, token, false))).isInstanceOf(Verdict.Admitted.class);
    assertThat(code(claim("x", KEY, token, false))).isEqualTo("join_token");
    assertThat(code(claim("y", OTHER, token, false))).isEqualTo("join_token");
  }

  @Test
  void ofManyWhoShowATokenAtOnceOneComesIn() {
    String token = token(60_000, null);
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      claims.add(claim("n" + i, KEY, token, false));
    }
    assertThat(atOnce(claims))
        .filteredOn(verdict -> verdict instanceof Verdict.Admitted)
        .hasSize(1);
  }

  @Test
  void ofManyWhoComeFirstUnderOneIdOneKeyCounts() {
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      claims.add(claim("w", i % 2 == 0 ? KEY : OTHER, null, true));
    }
    assertThat(atOnce(claims))
        .filteredOn(verdict -> verdict instanceof Verdict.Admitted)
        .hasSize(5);
  }

  @Test
  void oneThatCannotBeDecidedHarmsNoOtherOfItsBatch() {
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      // The database takes no such id.
      claims.add(claim(i == 5 ? "n".repeat(5_000) : "n" + i, KEY, null, true));
    }
    List<Future<Verdict>> verdicts = ask(List.of(identities), claims);
    for (int i = 0; i < 10; i++) {
      Future<Verdict> verdict = verdicts.get(i);
      if (i == 5) {
        assertThatThrownBy(() -> TestDatabase.await(verdict));
      } else {
        assertThat(TestDatabase.await(verdict)).isInstanceOf(Verdict.Admitted.class);
      }
    }
  }

  @Test
  void aTokenThatIsOverBoundOrFalseDoesNotAdmit() {
    String late = token(1_000, null);
    String bound = token(60_000, "mine");
    now.addAndGet(1_000);
    assertThat(code(claim("w", KEY, late, false))).isEqualTo("join_token");
    assertThat(code(claim("w", KEY, bound, false))).isEqualTo("join_token");
    assertThat(code(claim("w", KEY, bound + "0", false))).isEqualTo("join_token");
    assertThat(code(claim("w", KEY, "hello", false))).isEqualTo("join_token");
    Verdict guess = admit(claim("w", KEY, "mjt_000000000000_x", false));
    assertThat(((Verdict.Refused) guess).guess()).isTrue();
    assertThat(admit(claim("mine", KEY, bound, false))).isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void theTokenItselfIsNowhere() {
    String token = token(60_000, null);
    String secret = token.substring(token.lastIndexOf('_') + 1);
    assertThat(TestDatabase.await(identities.tokens())).hasSize(1);
    assertThat(TestDatabase.await(identities.tokens()).toString()).doesNotContain(secret);
    String id = TestDatabase.await(identities.tokens()).get(0).id();
    assertThat(TestDatabase.await(identities.deleteToken(id))).isTrue();
    assertThat(TestDatabase.await(identities.deleteToken(id))).isFalse();
    assertThat(code(claim("w", KEY, token, false))).isEqualTo("join_token");
  }

  @Test
  void aRevocationTakesEffectThoughTheWordOfItIsLost() {
    admit(claim("w", KEY, null, true));
    admit(claim("x", OTHER, null, true));
    List<String> out = new CopyOnWriteArrayList<>();
    IdentityVerticle.Effects effects =
        new IdentityVerticle.Effects() {
          @Override
          public void shutOut(String nodeId) {
            out.add(nodeId);
          }

          @Override
          public void reconsider(String nodeId) {}
        };
    TestDatabase.await(
        vertx.deployVerticle(
            new IdentityVerticle(new Bus(vertx), identities, effects, registration -> {}, 20)));
    TestDatabase.await(identities.revoke("w"));
    Awaitility.await().until(() -> out.contains("w"));
    assertThat(out).doesNotContain("x");
  }

  @Test
  void anAdminMayAllowAnotherKeyForAWhile() {
    admit(claim("w", KEY, null, true));
    assertThat(TestDatabase.await(identities.rekey("w"))).isTrue();
    assertThat(changed).containsExactly("w");
    assertThat(admit(claim("w", KEY, null, false))).isInstanceOf(Verdict.Admitted.class);
    assertThat(code(claim("w", OTHER, null, false))).isEqualTo("not_admitted");
    assertThat(admit(claim("w", OTHER, null, true)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.SECRET, true));
    assertThat(code(claim("w", KEY, null, true))).isEqualTo("other_key");
    TestDatabase.await(identities.rekey("w"));
    now.addAndGet(3_600_001);
    assertThat(code(claim("w", KEY, null, true))).isEqualTo("other_key");
  }

  @Test
  void aRevokedKeyStaysOutThoughANewOneMayTakeItsPlace() {
    admit(claim("w", KEY, null, true));
    assertThat(TestDatabase.await(identities.revoke("w"))).isTrue();
    assertThat(code(claim("w", KEY, null, true))).isEqualTo("revoked");
    assertThat(code(claim("w", OTHER, null, true))).isEqualTo("revoked");
    TestDatabase.await(identities.rekey("w"));
    assertThat(code(claim("w", KEY, null, true))).isEqualTo("revoked");
    assertThat(admit(claim("w", OTHER, null, true))).isInstanceOf(Verdict.Admitted.class);
    assertThat(code(claim("w", KEY, null, true))).isEqualTo("other_key");
    TestDatabase.await(identities.revoke("w"));
    TestDatabase.await(identities.readmit("w"));
    assertThat(admit(claim("w", OTHER, null, false))).isInstanceOf(Verdict.Admitted.class);
    assertThat(TestDatabase.await(identities.revoke("nobody"))).isFalse();
  }

  @Test
  void whatTrustNoLongerCoversHasToBeShownAnew() {
    assertThat(admit(new Claim("w", KEY, null, false, false, true, 0)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.FIRST_USE, true));
    assertThat(code(claim("w", KEY, null, false))).isEqualTo("not_admitted");
    assertThat(admit(claim("w", KEY, null, true)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.SECRET, false));
    assertThat(admit(new Claim("v", OTHER, null, false, true, false, 0)))
        .isEqualTo(new Verdict.Admitted(AdmittedBy.VCP_KEY, true));
    identities = with(false);
    assertThat(code(new Claim("v", OTHER, null, false, true, false, 0))).isEqualTo("vcp_forbidden");
  }

  @Test
  void anOlderRegistrationIsARepetition() {
    assertThat(admit(new Claim("w", KEY, null, true, false, false, 5_000)))
        .isInstanceOf(Verdict.Admitted.class);
    assertThat(admit(new Claim("w", KEY, null, true, false, false, 5_000)))
        .as("another hub hears the same one")
        .isInstanceOf(Verdict.Admitted.class);
    assertThat(code(new Claim("w", KEY, null, true, false, false, 4_999))).isEqualTo("repeated");
  }

  @Test
  void hubsKnowEachOthersKeys() {
    NodeKeys keys = NodeKeys.generate();
    TestDatabase.await(identities.publishHubKey("hub-1", keys));
    assertThat(TestDatabase.await(identities.hubKey("hub-1")).orElseThrow().encoded())
        .isEqualTo(keys.publicKey().encoded());
    TestDatabase.await(identities.forgetHubKey("hub-1"));
    assertThat(TestDatabase.await(identities.hubKey("hub-1"))).isEmpty();
  }

  private Identities with(boolean vcpNodes) {
    Clock clock =
        new Clock() {
          @Override
          public ZoneOffset getZone() {
            return ZoneOffset.UTC;
          }

          @Override
          public Clock withZone(java.time.ZoneId zone) {
            return this;
          }

          @Override
          public Instant instant() {
            return Instant.ofEpochMilli(now.get());
          }
        };
    return new Identities(database, new IdentityPolicy(vcpNodes), clock, changed::add);
  }

  private String token(long ttlMs, String nodeId) {
    return TestDatabase.await(identities.createToken(ttlMs, "note", nodeId, "admin")).text();
  }

  private Verdict admit(Claim claim) {
    return TestDatabase.await(ask(List.of(identities), List.of(claim)).get(0));
  }

  /** Of several hubs, each of which decides many in one transaction. */
  private List<Verdict> atOnce(List<Claim> claims) {
    return ask(List.of(identities, with(true), with(true)), claims).stream()
        .map(TestDatabase::await)
        .toList();
  }

  /** Asks them in turn, on their event loop. */
  private List<Future<Verdict>> ask(List<Identities> hubs, List<Claim> claims) {
    List<Promise<Verdict>> verdicts = new ArrayList<>();
    claims.forEach(claim -> verdicts.add(Promise.promise()));
    loop.runOnContext(
        v -> {
          for (int i = 0; i < claims.size(); i++) {
            hubs.get(i % hubs.size()).admit(claims.get(i)).onComplete(verdicts.get(i));
          }
        });
    return verdicts.stream().map(Promise::future).toList();
  }

  private String code(Claim claim) {
    Verdict verdict = admit(claim);
    assertThat(verdict).isInstanceOf(Verdict.Refused.class);
    return ((Verdict.Refused) verdict).code();
  }

  private static Claim claim(String nodeId, PublicNodeKey key, String token, boolean secret) {
    return new Claim(nodeId, key, token, secret, false, false, 0);
  }
}
