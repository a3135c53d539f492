package io.muster.worker.provider;

import io.muster.job.Job;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** A small HTTP server that plays a model server, and the event loop that a provider runs on. */
final class ModelServer implements AutoCloseable {
  record Seen(String method, String path, Map<String, String> headers, String body) {}

  /** Answers a request whose body has come. */
  interface Play {
    void answer(HttpServerResponse response, Seen seen);
  }

  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Vertx serverVertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  final List<Seen> seen = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger closed = new AtomicInteger();
  private HttpServer server;
  private volatile Play play;

  ModelServer(Play play) {
    this.play = play;
    listen(0);
  }

  void play(Play next) {
    play = next;
  }

  int port() {
    return server.actualPort();
  }

  String url() {
    return "http://127.0.0.1:" + port();
  }

  void stop() {
    await(server.close());
  }

  void listen(int port) {
    server =
        await(
            serverVertx
                .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port))
                .connectionHandler(
                    connection -> {
                      connections.incrementAndGet();
                      connection.closeHandler(v -> closed.incrementAndGet());
                    })
                .requestHandler(this::handle)
                .listen());
  }

  /** Runs it on the provider's event loop. */
  <T> T onLoop(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          try {
            result.complete(task.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    try {
      return result.get(10, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** Calls a provider on its event loop. */
  ProviderCall call(Provider provider, Job job, Answer answer) {
    return onLoop(() -> provider.call(job, answer));
  }

  <T> T awaitOnLoop(Callable<Future<T>> task) {
    return await(onLoop(task));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(10, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static Job job(boolean stream, String body) {
    return job("m", stream, body);
  }

  static Job job(String model, boolean stream, String body) {
    return new Job(
        "job-1",
        "req-1",
        Job.Kind.CHAT,
        model,
        stream,
        null,
        5,
        60_000,
        body.getBytes(StandardCharsets.UTF_8));
  }

  static ClientOptions options(long firstTokenMs, long idleMs) {
    return new ClientOptions(2_000, firstTokenMs, idleMs, 16, 1 << 20, Map.of());
  }

  /** An answer in one piece. */
  static Play json(int status, String body, String... headers) {
    return (response, seen) -> {
      response.setStatusCode(status).putHeader("content-type", "application/json");
      for (int i = 0; i < headers.length; i += 2) {
        response.putHeader(headers[i], headers[i + 1]);
      }
      response.end(body);
    };
  }

  /** A stream whose pieces are written each for itself, and then ended. */
  static Play stream(String type, String... pieces) {
    return (response, seen) -> {
      response.setChunked(true).putHeader("content-type", type);
      for (String piece : pieces) {
        response.write(piece);
      }
      response.end();
    };
  }

  @Override
  public void close() {
    await(serverVertx.close());
    await(vertx.close());
  }

  private void handle(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              Seen one =
                  new Seen(
                      request.method().name(),
                      request.uri(),
                      headers(request),
                      body.toString(StandardCharsets.UTF_8));
              seen.add(one);
              play.answer(request.response(), one);
            });
  }

  private static Map<String, String> headers(HttpServerRequest request) {
    Map<String, String> headers = new java.util.HashMap<>();
    request
        .headers()
        .forEach(h -> headers.put(h.getKey().toLowerCase(java.util.Locale.ROOT), h.getValue()));
    return headers;
  }
}
