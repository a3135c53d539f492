package io.muster.hub.identity;

import io.muster.hub.storage.Database;
import io.muster.identity.NodeKeys;
import io.muster.identity.PublicNodeKey;
import io.vertx.core.Future;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * Who nodes are, as the database knows it: the truth that several hubs share. What changes is told
 * to all hubs, which look it up then.
 */
public final class Identities {
  private static final long REKEY_MS = 3_600_000;

  private final Database database;
  private final Decisions decisions;
  private final Clock clock;
  private final Consumer<String> changed;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param changed is told the id of a node that an admin did something about
   */
  public Identities(
      Database database, IdentityPolicy policy, Clock clock, Consumer<String> changed) {
    this.database = database;
    this.decisions = new Decisions(database, new Admissions(policy), clock);
    this.clock = clock;
    this.changed = changed;
  }

  /** Decides about a node that has proved what the claim says. */
  public Future<Verdict> admit(Claim claim) {
    return decisions.decide(claim);
  }

  public Future<Optional<NodeIdentity>> find(String nodeId) {
    return database.transactLightly(connection -> IdentityStore.find(connection, nodeId));
  }

  public Future<List<NodeIdentity>> list() {
    return database.transactLightly(IdentityStore::list);
  }

  /** The ids of nodes that are shut out. */
  Future<List<String>> revoked() {
    return database.transactLightly(IdentityStore::revoked);
  }

  /**
   * Shuts a node out, now and for good.
   *
   * @return false when no such node is known
   */
  public Future<Boolean> revoke(String nodeId) {
    return change(nodeId, known -> with(known, 0, clock.millis()));
  }

  /** Lets a revoked node in again, with the key that it has. */
  public Future<Boolean> readmit(String nodeId) {
    return change(nodeId, known -> with(known, 0, null));
  }

  /** Lets another key take the place of the node's for an hour. */
  public Future<Boolean> rekey(String nodeId) {
    return change(nodeId, known -> with(known, clock.millis() + REKEY_MS, known.revokedAt()));
  }

  /**
   * Makes a join token.
   *
   * @param note null for none
   * @param nodeId null for any
   * @return the token, which is kept nowhere, and what is kept of it
   */
  public Future<NewToken> createToken(long ttlMs, String note, String nodeId, String admin) {
    String id = HexFormat.of().formatHex(bytes(6));
    String secret = HexFormat.of().formatHex(bytes(24));
    long now = clock.millis();
    JoinToken token = new JoinToken(id, note, nodeId, admin, now, now + ttlMs, null, null);
    return database.transact(
        connection -> {
          JoinTokenStore.insert(connection, token, secret);
          return new NewToken(JoinTokenStore.text(id, secret), token);
        });
  }

  /** A token that was just made: the only time at which it can be seen. */
  public record NewToken(String text, JoinToken token) {}

  public Future<List<JoinToken>> tokens() {
    return database.transactLightly(JoinTokenStore::list);
  }

  /** False when there is no such token. */
  public Future<Boolean> deleteToken(String id) {
    return database.transact(connection -> JoinTokenStore.delete(connection, id));
  }

  /** A nonce, or an id, that nobody can guess: 24 bytes as URL-safe base64. */
  public String nonce() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(24));
  }

  /** Makes known what a hub's process signs with. */
  public Future<Void> publishHubKey(String hubId, NodeKeys keys) {
    return database.transact(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO hub_key (hub_id, public_key, algorithm, created_at)"
                      + " VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")) {
            insert.setString(1, hubId);
            insert.setString(2, keys.publicKey().encoded());
            insert.setString(3, keys.publicKey().algorithm().label());
            insert.setLong(4, clock.millis());
            insert.executeUpdate();
          }
          return null;
        });
  }

  /** What all hubs sign their commands to nodes with; made by the first of them. */
  public Future<NodeKeys> fleetKeys() {
    return database.transact(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO fleet_key (id, private_key, created_at) VALUES (1, ?, ?)"
                      + " ON CONFLICT DO NOTHING")) {
            insert.setString(1, NodeKeys.generate().toPem());
            insert.setLong(2, clock.millis());
            insert.executeUpdate();
          }
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT private_key FROM fleet_key WHERE id = 1");
              ResultSet row = select.executeQuery()) {
            row.next();
            return NodeKeys.ofPem(row.getString(1));
          }
        });
  }

  /** Forgets the key of a process that ends. */
  public Future<Void> forgetHubKey(String hubId) {
    return database.transact(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM hub_key WHERE hub_id = ?")) {
            delete.setString(1, hubId);
            delete.executeUpdate();
          }
          return null;
        });
  }

  /** What another hub signs with. */
  public Future<Optional<PublicNodeKey>> hubKey(String hubId) {
    return database.transactLightly(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT algorithm, public_key FROM hub_key WHERE hub_id = ?")) {
            select.setString(1, hubId);
            try (ResultSet row = select.executeQuery()) {
              return row.next()
                  ? Optional.of(PublicNodeKey.of(row.getString(1), row.getString(2)))
                  : Optional.empty();
            }
          }
        });
  }

  private static NodeIdentity with(NodeIdentity known, long rekeyUntil, Long revokedAt) {
    return new NodeIdentity(
        known.nodeId(),
        known.publicKey(),
        known.algorithm(),
        known.admittedBy(),
        known.createdAt(),
        known.keySince(),
        known.signedAt(),
        rekeyUntil,
        revokedAt);
  }

  private Future<Boolean> change(String nodeId, UnaryOperator<NodeIdentity> change) {
    return database
        .transact(
            connection -> {
              Optional<NodeIdentity> known = IdentityStore.lock(connection, nodeId);
              if (known.isPresent()) {
                IdentityStore.update(connection, change.apply(known.get()));
              }
              return known.isPresent();
            })
        .onSuccess(
            found -> {
              if (found) {
                changed.accept(nodeId);
              }
            });
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }
}
