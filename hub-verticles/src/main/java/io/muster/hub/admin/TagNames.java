package io.muster.hub.admin;

import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.JsonBody;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Tags and names of groups, as they come in. */
final class TagNames {
  private static final int MOST = 50;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,63}");

  private TagNames() {}

  static Set<String> read(JsonBody body, String field) {
    if (!body.has(field)) {
      throw ApiErrors.invalid(field, "'" + field + "' is missing: it has to be an array of tags.");
    }
    Set<String> tags = new TreeSet<>();
    for (String tag : body.strings(field)) {
      tags.add(one(field, tag));
    }
    if (tags.size() > MOST) {
      throw ApiErrors.invalid(field, "'" + field + "' may have " + MOST + " tags at most.");
    }
    return tags;
  }

  static String one(String field, String text) {
    if (NAME.matcher(text).matches()) {
      return text;
    }
    throw ApiErrors.invalid(
        field,
        "'"
            + field
            + "' has to be of 1 to 64 letters, digits, '.', '_', ':' or '-', beginning with a"
            + " letter or digit.");
  }
}
