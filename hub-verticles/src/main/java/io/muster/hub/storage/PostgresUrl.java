package io.muster.hub.storage;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A {@code DATABASE_URL} taken apart, so that its password goes to the driver and nowhere else.
 *
 * @param jdbcUrl without user and password
 * @param user null when the URL names none
 * @param password null when the URL holds none
 */
record PostgresUrl(String jdbcUrl, String user, String password) {
  private static final String EXPECTED =
      "DATABASE_URL: must be like postgres://user:password@host:5432/name or"
          + " jdbc:postgresql://host:5432/name?user=…&password=…";

  /**
   * Reads both forms. In the first, user, password and name are percent-encoded, and parameters
   * after {@code ?} are the driver's or libpq's.
   *
   * @throws DatabaseUnavailable when it is neither; the value is not repeated, it may hold a
   *     password
   */
  static PostgresUrl parse(String url) {
    String text = url.strip();
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.startsWith("jdbc:postgresql:")) {
      return jdbc(text);
    }
    if (lower.startsWith("postgres://") || lower.startsWith("postgresql://")) {
      return libpq(text.substring(text.indexOf("//") + 2));
    }
    throw new DatabaseUnavailable(EXPECTED);
  }

  private static PostgresUrl libpq(String rest) {
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question + 1);
    String address = question < 0 ? rest : rest.substring(0, question);
    int at = address.lastIndexOf('@');
    String credentials = at < 0 ? "" : address.substring(0, at);
    String hostsAndName = address.substring(at + 1);
    int slash = hostsAndName.indexOf('/');
    if (slash <= 0 || slash == hostsAndName.length() - 1) {
      throw new DatabaseUnavailable(EXPECTED);
    }
    String jdbc = "jdbc:postgresql://" + hostsAndName + (query.isEmpty() ? "" : "?" + query);
    PostgresUrl bare = jdbc(jdbc);
    if (credentials.isEmpty()) {
      return bare;
    }
    int colon = credentials.indexOf(':');
    String user = colon < 0 ? credentials : credentials.substring(0, colon);
    String password = colon < 0 ? null : decode(credentials.substring(colon + 1));
    return new PostgresUrl(bare.jdbcUrl, decode(user), password == null ? bare.password : password);
  }

  private static PostgresUrl jdbc(String url) {
    int question = url.indexOf('?');
    if (question < 0) {
      return new PostgresUrl(url, null, null);
    }
    String user = null;
    String password = null;
    List<String> kept = new ArrayList<>();
    for (String pair : url.substring(question + 1).split("&", -1)) {
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      switch (name.toLowerCase(Locale.ROOT)) {
        case "" -> {}
        case "user" -> user = decode(value);
        case "password" -> password = decode(value);
        case "connect_timeout" -> kept.add("connectTimeout=" + value);
        case "application_name" -> kept.add("ApplicationName=" + value);
        default -> kept.add(pair);
      }
    }
    String base = url.substring(0, question);
    return new PostgresUrl(
        kept.isEmpty() ? base : base + "?" + String.join("&", kept), user, password);
  }

  /** Percent-decoding; unlike in a form, a plus sign is itself. */
  private static String decode(String text) {
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      // Not the cause: its message repeats the text, which may be the password.
      throw new DatabaseUnavailable("DATABASE_URL: a % in user or password must be written as %25");
    }
  }

  /** The address for people: host, port and name, without parameters. */
  String address() {
    int question = jdbcUrl.indexOf('?');
    String bare = question < 0 ? jdbcUrl : jdbcUrl.substring(0, question);
    return bare.substring("jdbc:postgresql:".length()).replaceFirst("^//", "");
  }

  @Override
  public String toString() {
    return "PostgresUrl[" + address() + "]";
  }
}
