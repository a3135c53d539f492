package io.muster.worker.mcp;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * An MCP server of the owner's.
 *
 * @param name stands before the names of its tools
 * @param url of a streamable HTTP endpoint, null for a command
 * @param command with its arguments, empty for a URL
 * @param token sent as a bearer, null for none; never shown
 */
record ServerAddress(String name, URI url, List<String> command, String token) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9-]{0,31}");
  private static final String STDIO = "stdio:";

  ServerAddress {
    command = List.copyOf(command);
  }

  /**
   * Reads the settings {@code MCP_SERVERS} and {@code MCP_TOKENS}.
   *
   * @throws IllegalArgumentException naming the setting and what it has to be, and no token
   */
  static List<ServerAddress> parse(List<String> servers, List<String> tokens) {
    Map<String, String> byName = tokens(tokens);
    List<ServerAddress> all = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (String text : servers) {
      ServerAddress one = one(text, byName);
      if (!names.add(one.name())) {
        throw wrong(text, "another name: this one is there twice");
      }
      all.add(one);
    }
    byName.keySet().removeAll(names);
    if (!byName.isEmpty()) {
      throw new IllegalArgumentException(
          "MCP_TOKENS: MCP_SERVERS has no server called " + String.join(", ", byName.keySet()));
    }
    return List.copyOf(all);
  }

  private static Map<String, String> tokens(List<String> texts) {
    Map<String, String> tokens = new HashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      if (equals < 1 || equals == text.length() - 1) {
        throw new IllegalArgumentException("MCP_TOKENS: each has to be NAME=TOKEN");
      }
      tokens.put(text.substring(0, equals).strip(), text.substring(equals + 1).strip());
    }
    return tokens;
  }

  private static ServerAddress one(String text, Map<String, String> tokens) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? "" : text.substring(0, equals).strip();
    String where = text.substring(equals + 1).strip();
    if (!NAME.matcher(name).matches()) {
      throw wrong(text, "NAME=ADDRESS, the name of 1 to 32 letters, digits or -");
    }
    if (where.startsWith(STDIO)) {
      List<String> command = List.of(where.substring(STDIO.length()).strip().split("\\s+"));
      if (command.get(0).isEmpty()) {
        throw wrong(text, "NAME=stdio:COMMAND ARGUMENT …");
      }
      return new ServerAddress(name, null, command, null);
    }
    try {
      URI url = URI.create(where);
      if (("http".equals(url.getScheme()) || "https".equals(url.getScheme()))
          && url.getHost() != null
          && url.getUserInfo() == null) {
        return new ServerAddress(name, url, List.of(), tokens.get(name));
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw wrong(text, "NAME=http(s)://HOST/PATH or NAME=stdio:COMMAND, its token in MCP_TOKENS");
  }

  private static IllegalArgumentException wrong(String text, String expected) {
    return new IllegalArgumentException("MCP_SERVERS: '" + text + "' has to be " + expected);
  }

  /** For people: the command without its arguments, which may hold secrets. */
  String shown() {
    return url != null
        ? url.getScheme() + "://" + url.getAuthority() + url.getPath()
        : command.get(0);
  }

  /** What a server or a library says, without the token. */
  String withoutToken(String text) {
    return token == null ? text : text.replace(token, "***");
  }

  @Override
  public String toString() {
    return name + " (" + shown() + ")";
  }
}
