package io.muster.hub.quota;

import java.util.Locale;

/**
 * Whose use is counted: a node that calls models through the hub, or an API key of HTTP callers.
 *
 * @param name the node's id, or the caller's name ({@code key-1}, {@code anyone}); never a key
 */
public record Principal(Kind kind, String name) {
  /** What kind of caller. */
  public enum Kind {
    NODE,
    KEY;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public static Principal node(String id) {
    return new Principal(Kind.NODE, id);
  }

  public static Principal key(String name) {
    return new Principal(Kind.KEY, name);
  }

  /** {@code node:worker-1}: its name in the database. */
  String id() {
    return kind.label() + ":" + name;
  }

  static Principal ofId(String id) {
    int colon = id.indexOf(':');
    return new Principal(
        Kind.valueOf(id.substring(0, colon).toUpperCase(Locale.ROOT)), id.substring(colon + 1));
  }

  /** For people: {@code node worker-1}. */
  @Override
  public String toString() {
    return kind.label() + " " + name;
  }
}
