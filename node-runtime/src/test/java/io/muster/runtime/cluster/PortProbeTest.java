package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortProbeTest {
  private final PortProbe probe = new PortProbe(500);

  @Test
  void findsOnlyOpenPorts() throws Exception {
    try (ServerSocket open = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
      int closed;
      try (ServerSocket other = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
        closed = other.getLocalPort();
      }

      assertThat(
              probe.open(
                  List.of(
                      new Seed("127.0.0.1", open.getLocalPort(), 1),
                      new Seed("127.0.0.1", closed, 1),
                      new Seed("no-such-host.invalid", 1, 1))))
          .extracting(address -> address.getHost() + ":" + address.getPort())
          .containsExactly("127.0.0.1:" + open.getLocalPort());
    }
  }

  @Test
  void endsThoughSomebodyKeepsSilent() {
    // 192.0.2.0/24 is for documentation: nobody answers there, or the network refuses at once.
    assertThat(probe.open(List.of(new Seed("192.0.2.1", 5701, 20)))).isEmpty();
  }

  @Test
  void stopsAtTheLastPortThereIs() {
    assertThat(probe.open(List.of(new Seed("127.0.0.1", 65_530, 100)))).isNotNull();
  }
}
