package io.muster.hub.identity;

/**
 * What is kept of a node's identity. Times are milliseconds since 1970.
 *
 * @param publicKey null for a node that showed none
 * @param rekeyUntil until then another key may take the place of this one; 0 for never
 * @param revokedAt null when it is not
 */
public record NodeIdentity(
    String nodeId,
    String publicKey,
    String algorithm,
    AdmittedBy admittedBy,
    long createdAt,
    long keySince,
    long signedAt,
    long rekeyUntil,
    Long revokedAt) {

  public boolean isRevoked() {
    return revokedAt != null;
  }
}
