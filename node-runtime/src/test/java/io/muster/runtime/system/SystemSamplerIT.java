package io.muster.runtime.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.metric.Sample;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemSamplerIT {
  private static final long MB = 1 << 20;

  @TempDir Path folder;

  private final Vertx vertx = Vertx.vertx();
  private final List<Sample> samples = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void tellsPlausibleFigures() {
    SystemSampler sampler =
        SystemSampler.start(
            vertx,
            folder.resolve("not/made/yet"),
            Clock.systemUTC(),
            Duration.ofMillis(50),
            samples::add);
    assertThat(sampler.latest()).isEmpty();

    await().atMost(Duration.ofSeconds(20)).until(() -> samples.size() >= 3);

    Sample sample = samples.get(2);
    assertThat(sampler.latest()).isPresent();
    assertThat(sample.processors()).isEqualTo(Runtime.getRuntime().availableProcessors());
    assertThat(sample.cpu()).isBetween(0.0, 1.0);
    assertThat(sample.load()).isGreaterThanOrEqualTo(0);
    assertThat(sample.memoryTotal()).isGreaterThan(100 * MB);
    assertThat(sample.memoryUsed()).isBetween(10 * MB, sample.memoryTotal());
    assertThat(sample.swapUsed()).isBetween(0L, sample.swapTotal());
    assertThat(sample.diskTotal()).isGreaterThan(MB);
    assertThat(sample.diskFree()).isBetween(0L, sample.diskTotal());
    assertThat(sample.netReceived()).isGreaterThanOrEqualTo(0);
    assertThat(sample.processCpu()).isBetween(0.0, 1.0);
    assertThat(sample.processResident()).isGreaterThan(20 * MB);
    assertThat(sample.heapUsed()).isBetween(MB, sample.heapMax());
    assertThat(sample.uptimeMs()).isPositive();
    assertThat(sample.at()).isGreaterThan(samples.get(1).at());
    sampler.close();
  }

  @Test
  void countsConnectionsOfBothVersionsOfIp() throws IOException {
    Machine machine = new Machine(folder, Clock.systemUTC());
    int before = machine.read().connections();
    assertThat(before).isGreaterThanOrEqualTo(0);

    for (String host : List.of("127.0.0.1", "::1")) {
      InetAddress address = InetAddress.getByName(host);
      if (!isOurs(address)) {
        continue; // A machine without IPv6.
      }
      try (ServerSocket server = new ServerSocket(0, 50, address)) {
        List<Socket> sockets = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 25; i++) {
          sockets.add(new Socket(address, server.getLocalPort()));
          sockets.add(server.accept());
        }
        await()
            .untilAsserted(
                () ->
                    assertThat(machine.read().connections())
                        .as(host)
                        .isGreaterThanOrEqualTo(before + 25));
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
  }

  private static boolean isOurs(InetAddress address) {
    try {
      return java.net.NetworkInterface.getByInetAddress(address) != null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
