package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The {@link CountingRelay}s of a node's tunnels. Used on the event loop. */
final class Relays {
  private static final Logger log = LoggerFactory.getLogger(Relays.class);
  private static final int CONNECT_TIMEOUT_MS = 5_000;

  private final Vertx vertx;
  private final boolean on;
  private final NetClient client;
  private final Map<String, CountingRelay> byName = new HashMap<>();
  private Future<?> last = Future.succeededFuture();
  private boolean closed;

  Relays(Vertx vertx, boolean on) {
    this.vertx = vertx;
    this.on = on;
    this.client =
        vertx.createNetClient(
            new NetClientOptions().setConnectTimeout(CONNECT_TIMEOUT_MS).setTcpNoDelay(true));
  }

  /**
   * Opens what is missing, closes what is not wanted, and says where frpc is to connect to; one
   * after the other, so that none of it finds what another has begun.
   */
  Future<List<Tunnel>> through(List<Tunnel> tunnels) {
    if (!on) {
      return Future.succeededFuture(tunnels);
    }
    Future<List<Tunnel>> next = last.transform(done -> open(tunnels));
    last = next;
    return next;
  }

  private Future<List<Tunnel>> open(List<Tunnel> tunnels) {
    if (closed) {
      return Future.succeededFuture(tunnels);
    }
    Set<String> gone = new HashSet<>(byName.keySet());
    List<Future<Void>> opening = new ArrayList<>();
    for (Tunnel tunnel : tunnels) {
      CountingRelay open = byName.get(tunnel.name());
      if (tunnel.type() == TunnelType.UDP) {
        continue;
      }
      gone.remove(tunnel.name());
      if (open == null || !open.leadsTo(tunnel)) {
        close(tunnel.name());
        opening.add(
            CountingRelay.open(vertx, client, tunnel)
                .onSuccess(relay -> byName.put(tunnel.name(), relay))
                // It works without, and is tried again with the next plan.
                .onFailure(cause -> log.warn("tunnel {} is not counted", tunnel.name(), cause))
                .mapEmpty());
      }
    }
    gone.forEach(this::close);
    return Future.join(opening)
        .transform(
            v -> {
              if (closed) {
                closeAll();
              }
              return Future.succeededFuture(tunnels.stream().map(this::behind).toList());
            });
  }

  /** Null where it is not counted. */
  CountingRelay of(String name) {
    return byName.get(name);
  }

  void closeAll() {
    closed = true;
    List.copyOf(byName.keySet()).forEach(this::close);
    var unused = client.close();
  }

  private Tunnel behind(Tunnel tunnel) {
    CountingRelay relay = byName.get(tunnel.name());
    return relay == null
        ? tunnel
        : new Tunnel(
            tunnel.name(),
            tunnel.type(),
            "127.0.0.1",
            relay.localPort(),
            tunnel.remotePort(),
            tunnel.domains());
  }

  private void close(String name) {
    CountingRelay relay = byName.remove(name);
    if (relay != null) {
      var unused = relay.close();
    }
  }
}
