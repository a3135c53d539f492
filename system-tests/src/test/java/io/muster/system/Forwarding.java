package io.muster.system;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.TimeUnit;

/** What stands before several hubs: passes connections on to one of them, later to another. */
final class Forwarding implements AutoCloseable {
  private static final String HOST = "127.0.0.1";

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final NetClient client = vertx.createNetClient();
  private final NetServer server;
  private volatile int target;

  Forwarding(int target) throws Exception {
    this.target = target;
    this.server =
        vertx
            .createNetServer()
            .connectHandler(this::connected)
            .listen(0, HOST)
            .await(10, TimeUnit.SECONDS);
  }

  int port() {
    return server.actualPort();
  }

  /** New connections go there from now on. */
  void to(int port) {
    target = port;
  }

  private void connected(NetSocket from) {
    from.pause();
    client
        .connect(target, HOST)
        .onSuccess(
            to -> {
              Future.join(from.pipeTo(to), to.pipeTo(from));
            })
        .onFailure(cause -> from.close());
  }

  @Override
  public void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }
}
