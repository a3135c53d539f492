package io.muster.hub.identity;

/**
 * A join token without what makes it one. Times are milliseconds since 1970.
 *
 * @param note what it is for; null when nobody said
 * @param nodeId the only id that it admits; null for any
 * @param createdBy the admin
 * @param usedAt null while it can be used
 * @param usedBy the node that it admitted
 */
public record JoinToken(
    String id,
    String note,
    String nodeId,
    String createdBy,
    long createdAt,
    long expiresAt,
    Long usedAt,
    String usedBy) {}
