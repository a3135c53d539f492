package io.muster.hub.auth;

/**
 * A user as the database has it.
 *
 * @param hash of the password
 * @param generation tokens of another one hold no more
 * @param createdAt milliseconds since 1970
 * @param lastLogin milliseconds since 1970, 0 for never
 */
record Account(
    String name, Role role, String hash, long generation, long createdAt, long lastLogin) {
  /** The one that is always there. */
  static final String ADMIN = "admin";

  AdminUser user() {
    return new AdminUser(name, role);
  }
}
