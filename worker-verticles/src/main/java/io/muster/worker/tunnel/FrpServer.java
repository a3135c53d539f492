package io.muster.worker.tunnel;

import java.net.URI;
import java.nio.file.Path;

/**
 * The frp server that tunnels begin at, and what proves this node to it.
 *
 * @param token null for none; never shown
 * @param ca a PEM file of the authority that the server's certificate has to be from, null for any
 */
record FrpServer(String host, int port, String token, Path ca) {
  /**
   * @param address {@code host} or {@code host:port}
   * @param usualPort where it names none
   * @throws IllegalArgumentException when it is neither
   */
  static FrpServer of(String address, int usualPort, String token, Path ca) {
    URI url;
    try {
      url = URI.create("frp://" + address);
    } catch (IllegalArgumentException e) {
      url = URI.create("frp:///");
    }
    boolean bare = url.getPath().isEmpty() && url.getQuery() == null && url.getUserInfo() == null;
    if (url.getHost() == null || !bare || url.getPort() > 65_535 || url.getPort() == 0) {
      throw new IllegalArgumentException("FRP_SERVER=" + address + " has to be host or host:port");
    }
    String host = url.getHost().replaceAll("^\\[|]$", "");
    return new FrpServer(host, url.getPort() < 0 ? usualPort : url.getPort(), token, ca);
  }

  /** By what its ports are told from those of other servers. */
  String name() {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  @Override
  public String toString() {
    return name();
  }
}
