package io.muster.hub.auth;

import io.muster.hub.http.ApiErrors;
import java.util.Locale;
import java.util.regex.Pattern;

/** What users, passwords and roles may be, as they come in. */
final class Names {
  static final int LONGEST_PASSWORD = 1024;
  private static final int SHORTEST_PASSWORD = 12;
  private static final Pattern USER = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");

  private Names() {}

  /** Whether a user may be called so. */
  static boolean isUser(String text) {
    return USER.matcher(text).matches();
  }

  static String user(String field, String text) {
    if (isUser(text)) {
      return text;
    }
    throw ApiErrors.invalid(
        field,
        "'"
            + field
            + "' has to be 1 to 64 letters, digits, '.', '_', '@' or '-', beginning with a"
            + " letter or digit.");
  }

  static String password(String field, String text) {
    if (text.length() >= SHORTEST_PASSWORD && text.length() <= LONGEST_PASSWORD) {
      return text;
    }
    throw ApiErrors.invalid(
        field,
        "'%s' has to have %d to %d characters."
            .formatted(field, SHORTEST_PASSWORD, LONGEST_PASSWORD));
  }

  static Role role(String field, String text) {
    for (Role role : Role.values()) {
      if (of(role).equals(text)) {
        return role;
      }
    }
    throw ApiErrors.invalid(field, "'" + field + "' has to be viewer or admin.");
  }

  static String of(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }
}
