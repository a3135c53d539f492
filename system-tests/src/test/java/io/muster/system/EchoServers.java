package io.muster.system;

import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.hub.http.Admission;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.HttpObserver;
import io.muster.hub.http.HttpOptions;
import io.muster.hub.http.HttpVerticle;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.DatabaseOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.ServerWebSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Two WebSocket servers that echo with the same few lines: Vert.x as it comes, and the hub's whole
 * HTTP server, where the socket is made by a route as those of nodes are.
 */
final class EchoServers implements AutoCloseable {
  /** The hub's: Vert.x' own default would refuse the suite's messages of 64 KiB. */
  private static final int MAX_FRAME_BYTES = 2 << 20;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer bare;
  private final Database database;
  private final ChatService chats;
  private final HttpVerticle hub;

  /**
   * @param folder for the hub's database
   */
  EchoServers(Path folder) {
    bare =
        done(
            vertx
                .createHttpServer(
                    new HttpServerOptions()
                        .setHost("127.0.0.1")
                        .setPort(0)
                        .setMaxWebSocketFrameSize(MAX_FRAME_BYTES))
                .webSocketHandler(EchoServers::echo)
                .listen());
    database = done(Database.open(vertx, DatabaseOptions.of(folder, null)));
    chats = new ChatService(vertx, database, "hub", ChatOptions.defaults(), Clock.systemUTC());
    done(chats.start());
    hub =
        new HttpVerticle(
            options(),
            new Admission(List.of(), 100, 100),
            (job, listener) -> null,
            ModelCatalogue.NONE,
            chats,
            router -> {},
            List.of(echoRoute()),
            HttpObserver.NONE,
            "1.2.3",
            Clock.systemUTC());
    done(vertx.deployVerticle(hub));
  }

  String bareUrl() {
    return "ws://127.0.0.1:" + bare.actualPort() + "/echo";
  }

  String hubUrl() {
    return "ws://127.0.0.1:" + hub.port() + "/echo";
  }

  /** By frames, as nodes' sockets read. */
  private static void echo(ServerWebSocket socket) {
    socket.frameHandler(
        frame -> {
          if (frame.isText() || frame.isBinary() || frame.isContinuation()) {
            var unused = socket.writeFrame(frame);
          }
        });
  }

  private static ApiRoutes echoRoute() {
    return (router, api) ->
        router
            .get("/echo")
            .handler(
                api.forAll(
                    call -> {
                      var unused = call.request().toWebSocket().onSuccess(socket -> echo(socket));
                      // Answered by the handshake.
                      return Promise.<ApiReply>promise().future();
                    }));
  }

  private static HttpOptions options() {
    HttpOptions usual = HttpOptions.defaults();
    return new HttpOptions(
        usual.host(),
        0,
        usual.apiKeys(),
        usual.hosts(),
        usual.maxBodyBytes(),
        usual.maxHeaderBytes(),
        usual.maxConnections(),
        usual.maxInFlight(),
        usual.maxStreams(),
        usual.maxBufferedBytes(),
        usual.maxJsonDepth(),
        usual.readTimeoutMs(),
        usual.idleTimeoutMs(),
        usual.stallTimeoutMs(),
        usual.keepAliveMs(),
        usual.jobTimeoutMs(),
        usual.drainMs(),
        usual.accessLog());
  }

  private static <T> T done(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    done(vertx.undeploy(hub.deploymentID()));
    done(chats.close());
    done(database.close());
    done(vertx.close());
  }
}
