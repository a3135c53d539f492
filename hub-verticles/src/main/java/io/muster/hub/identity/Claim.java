package io.muster.hub.identity;

import io.muster.identity.PublicNodeKey;

/**
 * A node that wants in, and what it has shown.
 *
 * @param key whose possession it proved; null when it showed none
 * @param joinToken as it was sent, null for none
 * @param secret whether it proved that it knows {@code ROOT_NODE_SECRET}
 * @param vcpKey whether it showed the {@code VCP_KEY}
 * @param firstUse whether nothing need be shown: no secret is set
 * @param signedAt the time in its signed message, 0 where a challenge was answered instead
 */
public record Claim(
    String nodeId,
    PublicNodeKey key,
    String joinToken,
    boolean secret,
    boolean vcpKey,
    boolean firstUse,
    long signedAt) {

  String encodedKey() {
    return key == null ? null : key.encoded();
  }
}
