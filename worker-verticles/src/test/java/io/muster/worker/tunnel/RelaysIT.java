package io.muster.worker.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelType;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ports of loopback before services, as plans follow each other. */
class RelaysIT {
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final Relays relays = new Relays(vertx, true);

  @AfterEach
  void close() throws Exception {
    vertx.close().await(30, TimeUnit.SECONDS);
  }

  @Test
  void aPlanThatComesWhileTheOneBeforeIsOpenedIsCountedToo() throws Exception {
    Plans plans = begin(List.of(tunnel("a", 22)), List.of(tunnel("a", 22), tunnel("b", 80)));
    int port = plans.first.await(30, TimeUnit.SECONDS).get(0).localPort();
    List<Tunnel> behind = plans.second.await(30, TimeUnit.SECONDS);
    assertThat(behind.get(0).localPort()).isEqualTo(port).isNotEqualTo(22);
    assertThat(behind.get(1).localPort()).isNotEqualTo(80);
  }

  @Test
  void whatIsNotWantedAnyMoreWhileItIsOpenedIsClosed() throws Exception {
    Plans plans = begin(List.of(tunnel("a", 22)), List.of());
    int port = plans.first.await(30, TimeUnit.SECONDS).get(0).localPort();
    plans.second.await(30, TimeUnit.SECONDS);
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
                    .isInstanceOf(IOException.class));
  }

  private record Plans(Future<List<Tunnel>> first, Future<List<Tunnel>> second) {}

  /** Both in one turn of the event loop: nothing is open when the second comes. */
  private Plans begin(List<Tunnel> first, List<Tunnel> second) throws Exception {
    CompletableFuture<Plans> begun = new CompletableFuture<>();
    loop.runOnContext(
        v -> begun.complete(new Plans(relays.through(first), relays.through(second))));
    return begun.get(30, TimeUnit.SECONDS);
  }

  private static Tunnel tunnel(String name, int port) {
    return new Tunnel(name, TunnelType.TCP, "127.0.0.1", port, 20_000, List.of());
  }
}
