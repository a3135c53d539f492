package io.muster.hub.auth;

/** What a user may do; each role may do what the ones before it may. */
public enum Role {
  /** Look at everything. */
  VIEWER,
  /** Change everything. */
  ADMIN;

  public boolean includes(Role needed) {
    return compareTo(needed) >= 0;
  }
}
