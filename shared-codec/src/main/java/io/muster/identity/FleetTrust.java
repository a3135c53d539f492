package io.muster.identity;

/** Which fleet's hubs may steer a node. */
@FunctionalInterface
public interface FleetTrust {
  /**
   * Judges the key that something is signed with.
   *
   * @return null when it is the fleet's, else why it is not taken, for people
   */
  String distrust(FleetKey key);

  /** Trusts this one key. */
  static FleetTrust only(PublicNodeKey own) {
    return key ->
        own.encoded().equals(key.publicKey()) ? null : "it is signed with another fleet's key";
  }
}
