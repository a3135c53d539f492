package io.muster.runtime.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortProbeTest {
  private final PortProbe probe = new PortProbe(Duration.ofMillis(300), Duration.ofMillis(600));

  @Test
  void findsThoseWhoGreetBack() throws Exception {
    try (ServerSocket member = listen();
        ServerSocket webServer = listen();
        ServerSocket silent = listen()) {
      answer(member, "HZC");
      answer(webServer, "HTTP/1.1 400 Bad Request");
      int closed;
      try (ServerSocket other = listen()) {
        closed = other.getLocalPort();
      }

      assertThat(
              probe.members(
                  List.of(
                      new Seed("127.0.0.1", silent.getLocalPort(), 1),
                      new Seed("127.0.0.1", webServer.getLocalPort(), 1),
                      new Seed("127.0.0.1", member.getLocalPort(), 1),
                      new Seed("127.0.0.1", closed, 1),
                      new Seed("no-such-host.invalid", 1, 1))))
          .extracting(address -> address.getHost() + ":" + address.getPort())
          .containsExactly("127.0.0.1:" + member.getLocalPort());
    }
  }

  @Test
  void endsThoughNobodyAnswersAtAll() {
    // 198.51.100.0/24 is for documentation: nobody is there, or the network refuses at once.
    assertThat(probe.members(List.of(new Seed("198.51.100.1", 5701, 20)))).isEmpty();
  }

  @Test
  void stopsAtTheLastPortThereIs() {
    assertThat(probe.members(List.of(new Seed("127.0.0.1", 65_530, 100)))).isNotNull();
  }

  private static ServerSocket listen() throws IOException {
    return new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
  }

  private static void answer(ServerSocket server, String text) {
    Thread thread =
        new Thread(
            () -> {
              try (Socket socket = server.accept()) {
                assertThat(socket.getInputStream().readNBytes(3)).asString().isEqualTo("HZC");
                socket.getOutputStream().write(text.getBytes(US_ASCII));
                socket.getInputStream().readAllBytes();
              } catch (IOException e) {
                return; // The probe sees the closed connection.
              }
            });
    thread.setDaemon(true);
    thread.start();
  }
}
