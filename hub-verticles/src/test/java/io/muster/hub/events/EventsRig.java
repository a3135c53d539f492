package io.muster.hub.events;

import static io.muster.hub.storage.TestDatabase.await;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.http.Admission;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.http.HttpObserver;
import io.muster.hub.http.HttpOptions;
import io.muster.hub.http.HttpVerticle;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

/** A hub's HTTP with its events, on a bus of its own. */
public final class EventsRig implements AutoCloseable {
  public static final String HUB = "hub-1";

  public final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  public final Bus bus = new Bus(vertx);
  public final SomeNodes fleet = new SomeNodes();
  public final TestDatabase home;
  public final Database database;
  public final Settings settings;
  public final Events events =
      new Events(HUB, event -> bus.publish(Addresses.EVENTS, event), Clock.systemUTC());
  public final TestGuard guard = new TestGuard();
  public final EventsFeature feature;
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ChatService chats;
  private final HttpVerticle http;
  private boolean stopped;

  public EventsRig(Map<String, String> set) {
    this(TestDatabase.h2(), set, rig -> List.of());
  }

  /**
   * @param set settings by name
   * @param more routes besides those of the events
   */
  public EventsRig(
      TestDatabase home, Map<String, String> set, Function<EventsRig, List<ApiRoutes>> more) {
    this.home = home;
    database = home.open(vertx);
    Map<String, String> env = new HashMap<>(set);
    env.putIfAbsent("DATA_DIR", home.folder().toString());
    settings = Settings.load(Role.HUB, env, home.folder());
    feature =
        onLoop(
            () ->
                Future.succeededFuture(
                    new EventsFeature(
                        vertx,
                        settings,
                        HUB,
                        database,
                        fleet,
                        events,
                        guard,
                        guard,
                        () -> true,
                        Clock.systemUTC())));
    onLoop(() -> feature.start(bus, registration -> {}));
    chats = new ChatService(vertx, database, HUB, ChatOptions.defaults(), Clock.systemUTC());
    List<ApiRoutes> features = new java.util.ArrayList<>(List.of(feature));
    features.addAll(more.apply(this));
    http =
        new HttpVerticle(
            options(),
            new Admission(List.of(), 100, 100),
            (job, listener) -> null,
            ModelCatalogue.NONE,
            chats,
            router -> {},
            features,
            HttpObserver.NONE,
            "1.2.3",
            Clock.systemUTC());
    await(vertx.deployVerticle(http));
  }

  private static HttpOptions options() {
    HttpOptions usual = HttpOptions.defaults();
    return new HttpOptions(
        "127.0.0.1",
        0,
        List.of(),
        List.of(),
        1 << 20,
        16 << 10,
        100,
        100,
        100,
        64 << 20,
        50,
        5_000,
        1_000,
        5_000,
        1_000,
        60_000,
        500,
        usual.accessLog());
  }

  public <T> T onLoop(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(
        v -> {
          try {
            action.get().onComplete(promise);
          } catch (RuntimeException e) {
            promise.fail(e);
          }
        });
    return await(promise.future());
  }

  public void emit(String type, Map<String, Object> data) {
    vertx.runOnContext(v -> events.emit(type, data));
  }

  /** An event of another hub or node. */
  public void hear(ClusterEvent event) {
    bus.publish(Addresses.EVENTS, event);
  }

  public int port() {
    return http.port();
  }

  public URI http(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  public URI socket(String path) {
    return URI.create("ws://127.0.0.1:" + port() + path);
  }

  public HttpResponse<String> send(
      String method, String path, String body, String token, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(http(path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .header("content-type", "application/json");
    if (token != null) {
      request.header("authorization", "Bearer " + token);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  /** Takes no more requests, and lets those that run end. */
  public void stopServing() {
    if (!stopped) {
      stopped = true;
      await(vertx.undeploy(http.deploymentID()));
    }
  }

  @Override
  public void close() {
    stopServing();
    onLoop(feature::close);
    onLoop(chats::close);
    await(database.close());
    await(vertx.close());
    home.close();
  }
}
