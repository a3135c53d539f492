package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;

/**
 * Stands between frpc and a service and counts what passes: frpc itself does not tell. A port of
 * loopback for each tunnel. Used on the event loop.
 */
final class CountingRelay {
  private final NetClient client;
  private final String host;
  private final int port;
  private final NetServer server;
  private int localPort;
  private long in;
  private long out;
  private long connections;

  private CountingRelay(Vertx vertx, NetClient client, Tunnel tunnel) {
    this.client = client;
    this.host = tunnel.localHost();
    this.port = tunnel.localPort();
    this.server =
        vertx.createNetServer(
            new NetServerOptions().setHost("127.0.0.1").setPort(0).setTcpNoDelay(true));
  }

  static Future<CountingRelay> open(Vertx vertx, NetClient client, Tunnel tunnel) {
    CountingRelay relay = new CountingRelay(vertx, client, tunnel);
    relay.server.connectHandler(relay::accept);
    return relay
        .server
        .listen()
        .map(
            listening -> {
              relay.localPort = listening.actualPort();
              return relay;
            });
  }

  /** Whether it stands before the tunnel's service. */
  boolean leadsTo(Tunnel tunnel) {
    return host.equals(tunnel.localHost()) && port == tunnel.localPort();
  }

  /** Where frpc is to connect to. */
  int localPort() {
    return localPort;
  }

  /** Bytes to the service. */
  long in() {
    return in;
  }

  /** Bytes from the service. */
  long out() {
    return out;
  }

  long connections() {
    return connections;
  }

  Future<Void> close() {
    return server.close();
  }

  private void accept(NetSocket caller) {
    caller.pause();
    boolean[] gone = {false};
    caller.closeHandler(v -> gone[0] = true);
    client
        .connect(port, host)
        .onFailure(cause -> caller.close())
        .onSuccess(
            service -> {
              if (gone[0]) {
                service.close();
                return;
              }
              connections++;
              pass(caller, service, buffer -> in += buffer.length());
              pass(service, caller, buffer -> out += buffer.length());
              caller.resume();
            });
  }

  private static void pass(NetSocket from, NetSocket to, Consumer<Buffer> count) {
    from.handler(
        buffer -> {
          count.accept(buffer);
          var unused = to.write(buffer);
          if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(v -> from.resume());
          }
        });
    from.exceptionHandler(cause -> from.close());
    from.closeHandler(v -> to.end());
  }
}
