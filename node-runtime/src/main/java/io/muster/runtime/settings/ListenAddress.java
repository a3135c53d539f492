package io.muster.runtime.settings;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An interface and a port to listen at.
 *
 * @param host a name or an address, IPv6 without brackets
 * @param port 0 for any that is free
 */
public record ListenAddress(String host, int port) {
  private static final int MAX_PORT = 65_535;

  /** Whether only this machine reaches it. */
  public boolean isLoopback() {
    return Loopback.is(host);
  }

  /** {@code host:port}, IPv6 in brackets. */
  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** How such a setting is read. */
  record ListenKind() implements Kind<ListenAddress> {
    private static final Pattern TEXT =
        Pattern.compile("(?:\\[([0-9a-fA-F:.%]+)]|([A-Za-z0-9._-]+)|):([0-9]{1,5})");

    @Override
    public ListenAddress parse(String text) {
      Matcher matcher = TEXT.matcher(text);
      if (matcher.matches()) {
        int port = Integer.parseInt(matcher.group(3));
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        if (port <= MAX_PORT) {
          return new ListenAddress(host == null ? "0.0.0.0" : host, port);
        }
      }
      throw new IllegalArgumentException("must be " + allowed());
    }

    @Override
    public String allowed() {
      return "host:port, such as 127.0.0.1:9200, the port from 0 to 65535";
    }
  }
}
