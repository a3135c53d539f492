package io.muster.hub.identity;

import io.muster.identity.PublicNodeKey;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Decides within one transaction whether a node is let in.
 *
 * <pre>
 *   (none) ──join token, secret, VCP key or first use──▶ known with its key ──revoke──▶ revoked
 *                                                          │      ▲                        │
 *                                       rekey by an admin, │      │        readmit by an admin
 *                                        then another key  └──────┴────────────────────────┘
 * </pre>
 */
final class Admissions {
  private static final String REKEY = "POST /api/admin/nodes/%s/rekey";

  private final IdentityPolicy policy;

  Admissions(IdentityPolicy policy) {
    this.policy = policy;
  }

  /**
   * Decides, and remembers whom it let in.
   *
   * @param now milliseconds since 1970
   */
  Verdict decide(Connection connection, Claim claim, long now) throws SQLException {
    Optional<NodeIdentity> known = IdentityStore.lock(connection, claim.nodeId());
    if (known.isEmpty()) {
      return fresh(connection, claim, null, now);
    }
    NodeIdentity identity = known.get();
    boolean sameKey =
        identity.publicKey() != null && identity.publicKey().equals(claim.encodedKey());
    boolean mayRekey = identity.rekeyUntil() > now;
    if (identity.isRevoked() && (sameKey || claim.key() == null || !mayRekey)) {
      return refused(
          "revoked",
          "the node "
              + claim.nodeId()
              + " was revoked: an admin can let it in again (POST /api/admin/nodes/"
              + claim.nodeId()
              + "/readmit), or a new key in its place ("
              + REKEY.formatted(claim.nodeId())
              + ")");
    }
    if (sameKey) {
      return again(connection, claim, identity, now);
    }
    if (identity.publicKey() == null) {
      // It had no key so far: a key of its own is better than one of the whole fleet.
      return claim.key() == null
          ? keyless(claim, identity)
          : fresh(connection, claim, identity, now);
    }
    if (mayRekey && claim.key() != null) {
      return fresh(connection, claim, identity, now);
    }
    return refused(
        "other_key",
        "the hub knows the node "
            + claim.nodeId()
            + " by "
            + (claim.key() == null ? "its key, which it did not show" : "another key")
            + " ("
            + PublicNodeKey.fingerprint(identity.publicKey())
            + "): give this node another id or the right key file, or have an admin allow the new"
            + " key ("
            + REKEY.formatted(claim.nodeId())
            + ")");
  }

  private Verdict again(Connection connection, Claim claim, NodeIdentity identity, long now)
      throws SQLException {
    if (claim.signedAt() != 0 && claim.signedAt() < identity.signedAt()) {
      return refused(
          "repeated",
          "the registration of "
              + claim.nodeId()
              + " is older than one before: its clock was set back, or it is a repetition");
    }
    AdmittedBy by = identity.admittedBy();
    if (!policy.stillHolds(by, claim)) {
      Object way = way(connection, claim, now);
      if (way instanceof Verdict verdict) {
        return verdict;
      }
      by = (AdmittedBy) way;
    }
    if (claim.signedAt() > identity.signedAt() || by != identity.admittedBy()) {
      IdentityStore.update(
          connection,
          new NodeIdentity(
              identity.nodeId(),
              identity.publicKey(),
              identity.algorithm(),
              by,
              identity.createdAt(),
              identity.keySince(),
              Math.max(claim.signedAt(), identity.signedAt()),
              identity.rekeyUntil(),
              identity.revokedAt()));
    }
    return new Verdict.Admitted(by, false);
  }

  /** A node that never showed a key: what admits it has to be shown each time. */
  private Verdict keyless(Claim claim, NodeIdentity identity) {
    if (claim.secret()) {
      return new Verdict.Admitted(AdmittedBy.SECRET, false);
    } else if (claim.vcpKey() && policy.vcpNodes()) {
      return new Verdict.Admitted(AdmittedBy.VCP_KEY, false);
    } else if (claim.firstUse()) {
      return new Verdict.Admitted(identity.admittedBy(), false);
    }
    return nothingShown(claim);
  }

  private Verdict fresh(Connection connection, Claim claim, NodeIdentity before, long now)
      throws SQLException {
    Object way = way(connection, claim, now);
    if (way instanceof Verdict verdict) {
      return verdict;
    }
    NodeIdentity identity =
        new NodeIdentity(
            claim.nodeId(),
            claim.encodedKey(),
            claim.key() == null ? null : claim.key().algorithm().label(),
            (AdmittedBy) way,
            before == null ? now : before.createdAt(),
            now,
            claim.signedAt(),
            0,
            null);
    if (before != null) {
      IdentityStore.update(connection, identity);
    } else if (!IdentityStore.insert(connection, identity)) {
      // Another hub was faster: what it wrote is what counts, and is there when this runs again.
      throw new SQLException("a node's identity came meanwhile", "40001");
    }
    return new Verdict.Admitted(identity.admittedBy(), true);
  }

  /** The {@link AdmittedBy}, or the refusal. */
  private Object way(Connection connection, Claim claim, long now) throws SQLException {
    if (claim.joinToken() != null) {
      Optional<JoinTokenStore.Problem> problem =
          JoinTokenStore.use(
              connection, claim.joinToken(), claim.nodeId(), claim.encodedKey(), now);
      if (problem.isEmpty()) {
        return AdmittedBy.JOIN_TOKEN;
      }
      if (!claim.secret() && !claim.firstUse()) {
        return new Verdict.Refused(
            "join_token",
            "the join token does not admit "
                + claim.nodeId()
                + ": "
                + problem.get().text()
                + "; scripts/join on the hub's machine makes a new one",
            problem.get().guess());
      }
    }
    if (claim.secret()) {
      return AdmittedBy.SECRET;
    }
    if (claim.vcpKey() && policy.vcpNodes()) {
      return AdmittedBy.VCP_KEY;
    }
    return claim.firstUse() ? AdmittedBy.FIRST_USE : nothingShown(claim);
  }

  private Verdict nothingShown(Claim claim) {
    if (claim.vcpKey()) {
      return refused(
          "vcp_forbidden",
          "the hub admits no node that shows only the VCP_KEY (ALLOW_VCP_NODES=false): use a join"
              + " token, which scripts/join on the hub's machine makes");
    }
    return new Verdict.Refused(
        "not_admitted",
        "nothing admits "
            + claim.nodeId()
            + ": set ROOT_NODE_SECRET to the hub's, or JOIN_TOKEN to one that scripts/join on the"
            + " hub's machine makes",
        false);
  }

  private static Verdict refused(String code, String reason) {
    return new Verdict.Refused(code, reason, false);
  }
}
