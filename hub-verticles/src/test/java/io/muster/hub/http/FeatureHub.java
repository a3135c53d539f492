package io.muster.hub.http;

import static io.muster.hub.storage.TestDatabase.await;

import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** The hub's HTTP server on a free port, with the routes of one feature and a database. */
public final class FeatureHub implements AutoCloseable {
  public final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  public final Database database;
  private final TestDatabase home;
  private final ChatService chats;
  private final HttpVerticle verticle;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /**
   * An answer.
   *
   * @param body as JSON; empty where there is none
   */
  public record Reply(int status, JsonObject body, HttpResponse<String> raw) {}

  /**
   * @param features makes the routes, on the hub's event loop
   */
  public FeatureHub(
      TestDatabase home, BiFunction<Vertx, Database, Future<List<ApiRoutes>>> features) {
    this(home, List.of(), features);
  }

  /**
   * The same for callers that show a key.
   *
   * @param apiKeys those that count; none: anybody may call
   */
  public FeatureHub(
      TestDatabase home,
      List<String> apiKeys,
      BiFunction<Vertx, Database, Future<List<ApiRoutes>>> features) {
    this.home = home;
    database = home.open(vertx);
    chats = new ChatService(vertx, database, "hub-test", ChatOptions.defaults(), Clock.systemUTC());
    await(chats.start());
    List<ApiRoutes> routes = await(onLoop(() -> features.apply(vertx, database)));
    verticle =
        new HttpVerticle(
            new TestHub.Limits().options(),
            new Admission(apiKeys, 100, 100),
            new FakeDispatch(),
            new TestHub.Models(),
            chats,
            router -> {},
            routes,
            HttpObserver.NONE,
            "1.2.3",
            Clock.systemUTC());
    await(vertx.deployVerticle(verticle));
  }

  public int port() {
    return verticle.port();
  }

  /** Runs on the hub's event loop. */
  public <T> Future<T> onLoop(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(promise));
    return promise.future();
  }

  /**
   * Sends a request.
   *
   * @param token null for none
   * @param body null for none
   */
  public Reply send(String method, String path, String token, JsonObject body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + verticle.port() + path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body.encode()));
    if (token != null) {
      request.header("authorization", "Bearer " + token);
    }
    try {
      HttpResponse<String> reply =
          client.send(request.build(), HttpResponse.BodyHandlers.ofString());
      return new Reply(
          reply.statusCode(),
          reply.body().isEmpty() ? new JsonObject() : new JsonObject(reply.body()),
          reply);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    await(vertx.undeploy(verticle.deploymentID()));
    await(chats.close());
    await(database.close());
    await(vertx.close());
    home.close();
  }
}
