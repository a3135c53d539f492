package io.muster.runtime.cluster;

import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/**
 * Sees that the ports of the cluster and the bus can be had, before libraries try and fill the
 * screen with stack traces.
 */
final class PortCheck {
  private PortCheck() {}

  /**
   * Tries the ports.
   *
   * @throws StartRefused naming the setting of a port that cannot be had
   */
  static void check(Settings settings) {
    String host = settings.get(Catalogue.CLUSTER_HOST);
    int bus = settings.get(Catalogue.BUS_PORT);
    if (bus != 0 && !isFree(host, bus)) {
      throw busTaken(settings);
    }
    int first = settings.get(Catalogue.CLUSTER_PORT);
    for (int i = 0; i < settings.get(Catalogue.CLUSTER_PORT_COUNT); i++) {
      if (isFree(host, first + i)) {
        return;
      }
    }
    throw noClusterPort(settings);
  }

  static StartRefused busTaken(Settings settings) {
    return new StartRefused(
        "BUS_PORT="
            + settings.get(Catalogue.BUS_PORT)
            + " ("
            + settings.source(Catalogue.BUS_PORT).label()
            + "): somebody listens there already, or it may not be used");
  }

  static StartRefused noClusterPort(Settings settings) {
    return new StartRefused(
        "CLUSTER_PORT="
            + settings.get(Catalogue.CLUSTER_PORT)
            + " ("
            + settings.source(Catalogue.CLUSTER_PORT).label()
            + "): none of the "
            + settings.get(Catalogue.CLUSTER_PORT_COUNT)
            + " ports from there on (CLUSTER_PORT_COUNT) is free");
  }

  private static boolean isFree(String host, int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // As Hazelcast and Vert.x do: what lingers from before is free.
      socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
      return true;
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }
}
