package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Writes frpc's configuration, as frp 0.52 and later read it. Pure. No template: frpc runs its file
 * through Go's, so that braces in a value have to be escaped as well as quotes.
 */
final class FrpcToml {
  private FrpcToml() {}

  /**
   * frpc's own HTTP interface, on loopback.
   *
   * @param password never shown
   */
  record Admin(int port, String user, String password) {
    @Override
    public String toString() {
      return "127.0.0.1:" + port;
    }
  }

  /**
   * @param nodeId is put before the names of the tunnels, which are one space for all of a server
   * @param tunnels with the address that frpc connects to
   */
  static String of(FrpServer server, String nodeId, Admin admin, List<Tunnel> tunnels) {
    StringBuilder toml = new StringBuilder(512);
    text(toml, "serverAddr", server.host());
    number(toml, "serverPort", server.port());
    text(toml, "user", nodeId);
    // Else it ends when the server is away while it starts.
    toml.append("loginFailExit = false\n");
    if (server.token() != null) {
      text(toml, "auth.method", "token");
      text(toml, "auth.token", server.token());
    }
    toml.append("transport.tls.enable = true\n");
    if (server.ca() != null) {
      text(toml, "transport.tls.trustedCaFile", server.ca().toString());
      text(toml, "transport.tls.serverName", server.host());
    }
    text(toml, "log.to", "console");
    text(toml, "log.level", "info");
    toml.append("log.disablePrintColor = true\n");
    text(toml, "webServer.addr", "127.0.0.1");
    number(toml, "webServer.port", admin.port());
    text(toml, "webServer.user", admin.user());
    text(toml, "webServer.password", admin.password());
    for (Tunnel tunnel : tunnels) {
      toml.append("\n[[proxies]]\n");
      text(toml, "name", tunnel.name());
      text(toml, "type", tunnel.type().label());
      text(toml, "localIP", tunnel.localHost());
      number(toml, "localPort", tunnel.localPort());
      if (tunnel.type().takesPort()) {
        number(toml, "remotePort", tunnel.remotePort());
      } else {
        toml.append("customDomains = ")
            .append(
                tunnel.domains().stream()
                    .map(FrpcToml::quoted)
                    .collect(Collectors.joining(", ", "[", "]\n")));
      }
    }
    return toml.toString();
  }

  private static void text(StringBuilder toml, String key, String value) {
    toml.append(key).append(" = ").append(quoted(value)).append('\n');
  }

  private static void number(StringBuilder toml, String key, int value) {
    toml.append(key).append(" = ").append(value).append('\n');
  }

  /** A TOML basic string. */
  static String quoted(String value) {
    StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
    value
        .codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                quoted.append('\\').appendCodePoint(c);
              } else if (c < 0x20 || c == 0x7f || c == '{' || c == '}') {
                quoted.append("\\u%04X".formatted(c));
              } else {
                quoted.appendCodePoint(c);
              }
            });
    return quoted.append('"').toString();
  }
}
