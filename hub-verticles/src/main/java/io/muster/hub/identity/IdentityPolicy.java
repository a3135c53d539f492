package io.muster.hub.identity;

/**
 * What the settings allow.
 *
 * @param firstUse nothing need be shown: no secret is set
 * @param vcpNodes nodes that show no more than the {@code VCP_KEY} come in
 */
public record IdentityPolicy(boolean firstUse, boolean vcpNodes) {
  /** Whether a key that came in this way is still good enough by itself. */
  boolean stillHolds(AdmittedBy by) {
    return switch (by) {
      case JOIN_TOKEN, SECRET -> true;
      case VCP_KEY -> vcpNodes;
      case FIRST_USE -> firstUse;
    };
  }
}
