package io.muster.hub.identity;

/**
 * What the settings allow.
 *
 * @param vcpNodes nodes that show no more than the {@code VCP_KEY} come in
 */
public record IdentityPolicy(boolean vcpNodes) {
  /** Whether a key that came in this way is still good enough by itself. */
  boolean stillHolds(AdmittedBy by, Claim claim) {
    return switch (by) {
      case JOIN_TOKEN, SECRET -> true;
      case VCP_KEY -> vcpNodes;
      case FIRST_USE -> claim.firstUse();
    };
  }
}
