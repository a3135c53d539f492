package io.muster.hub.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.hub.events.EventsRig;
import io.muster.hub.events.TestGuard;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Webhooks by their API, against a receiver that checks signatures, whatever the database. */
abstract class WebhooksContract {
  private static final String PATH = "/api/admin/webhooks";
  private static final Map<String, String> QUICK =
      Map.of(
          "WEBHOOKS_ALLOW_PRIVATE", "true",
          "WEBHOOK_RETRY_BASE_MS", "10",
          "WEBHOOK_MAX_TRIES", "3",
          "WEBHOOK_MAX", "2");

  private final Receiver receiver = new Receiver();
  private EventsRig rig;
  private WebhooksFeature feature;

  abstract TestDatabase create();

  private void start(Map<String, String> more) {
    Map<String, String> set = new HashMap<>(QUICK);
    set.putAll(more);
    rig =
        new EventsRig(
            create(),
            set,
            made -> {
              feature = feature(made);
              return List.of(feature);
            });
    rig.onLoop(this::begin);
  }

  private Future<Void> begin() {
    feature.start();
    return Future.succeededFuture();
  }

  private static WebhooksFeature feature(EventsRig rig) {
    return rig.onLoop(
        () ->
            Future.succeededFuture(
                new WebhooksFeature(
                    rig.vertx,
                    rig.settings,
                    rig.database,
                    rig.feature.feed(),
                    rig.events,
                    new TestGuard(),
                    () -> true,
                    "1.2.3",
                    Clock.systemUTC())));
  }

  @AfterEach
  void stop() {
    receiver.close();
    if (rig != null) {
      rig.onLoop(feature::close);
      rig.close();
    }
  }

  private JsonObject json(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return new JsonObject(response.body());
  }

  private JsonObject hook(String... types) throws Exception {
    JsonObject body =
        new JsonObject().put("url", receiver.url()).put("types", new JsonArray(List.of(types)));
    JsonObject hook =
        json(rig.send("POST", PATH, body.encode(), TestGuard.ADMIN), 201).getJsonObject("webhook");
    // It is taken up when its own event has been heard.
    await()
        .until(
            () -> {
              rig.emit("config_changed", Map.of());
              return receiver.received.stream().anyMatch(r -> r.text().contains("config_changed"));
            });
    await().until(() -> pending(hook.getString("id")) == 0);
    receiver.received.clear();
    return hook;
  }

  private int pending(String id) throws Exception {
    return listed().stream()
        .filter(hook -> hook.getString("id").equals(id))
        .findFirst()
        .orElseThrow()
        .getInteger("pending");
  }

  private List<JsonObject> listed() throws Exception {
    return json(rig.send("GET", PATH, null, TestGuard.VIEWER), 200)
        .getJsonArray("webhooks")
        .stream()
        .map(JsonObject.class::cast)
        .toList();
  }

  @Test
  void sendsSignedEventsAndTriesAgain() throws Exception {
    start(Map.of());
    JsonObject hook = hook("task_*", "config_changed");
    String secret = hook.getString("secret");
    receiver.answer = number -> number < 2 ? 503 : 204;
    rig.emit("quota_changed", Map.of());
    rig.emit("task_created", Map.of("taskId", "t1"));
    rig.emit("task_failed", Map.of("taskId", "t2"));
    await().until(() -> receiver.received.size() == 4);
    assertThat(receiver.received)
        .extracting(each -> each.body().getJsonObject("data").getString("taskId"))
        .containsExactly("t1", "t1", "t1", "t2");
    assertThat(receiver.received).allMatch(each -> each.isSignedWith(secret));
    assertThat(receiver.received).noneMatch(each -> each.isSignedWith("another secret"));
    Receiver.Received third = receiver.received.get(2);
    assertThat(third.header("X-muster-event")).isEqualTo("task_created");
    assertThat(third.header("X-muster-event-id")).isEqualTo(third.body().getString("id"));
    assertThat(third.header("X-muster-attempt")).isEqualTo("3");
    assertThat(third.header("Content-type")).isEqualTo("application/json");

    assertThat(listed().get(0).fieldNames()).doesNotContain("secret");
    String deliveries = PATH + "/" + hook.getString("id") + "/deliveries";
    await()
        .until(
            () ->
                json(rig.send("GET", deliveries, null, TestGuard.VIEWER), 200)
                    .getJsonArray("deliveries")
                    .stream()
                    .map(JsonObject.class::cast)
                    .anyMatch(
                        each ->
                            "answered 503".equals(each.getString("failure"))
                                && each.getInteger("status") == 503));
  }

  @Test
  void givesAnEventUpAfterAllTriesAndFollowsNoRedirect() throws Exception {
    start(Map.of());
    JsonObject hook = hook("task_*", "config_changed");
    receiver.answer = number -> number < 3 ? 302 : 204;
    rig.emit("task_created", Map.of("taskId", "t1"));
    rig.emit("task_created", Map.of("taskId", "t2"));
    await().until(() -> receiver.received.size() == 4);
    assertThat(receiver.received.get(3).text()).contains("t2");
    await().until(() -> pending(hook.getString("id")) == 0);
  }

  @Test
  void switchesOffWhatFailsForLongAndOnAgain() throws Exception {
    start(Map.of("WEBHOOK_DISABLE_AFTER_MS", "100", "WEBHOOK_MAX_TRIES", "100"));
    String id = hook().getString("id");
    receiver.answer = number -> 500;
    rig.emit("task_created", Map.of("taskId", "t1"));
    await().until(() -> !listed().get(0).getBoolean("enabled"));
    assertThat(listed().get(0).getString("disabledReason")).isEqualTo("answered 500");
    receiver.answer = number -> 200;
    json(rig.send("POST", PATH + "/" + id + "/enable", null, TestGuard.ADMIN), 200);
    assertThat(listed().get(0).getBoolean("enabled")).isTrue();
    receiver.received.clear();
    await()
        .until(
            () -> {
              rig.emit("task_created", Map.of("taskId", "t2"));
              return receiver.received.stream().anyMatch(each -> each.text().contains("t2"));
            });
  }

  @Test
  void goesOnWhereTheHubBeforeStopped() throws Exception {
    start(Map.of());
    hook("task_*", "config_changed");
    rig.emit("task_created", Map.of("taskId", "t1"));
    await().until(() -> receiver.received.size() == 1);
    rig.onLoop(feature::close);
    rig.emit("task_created", Map.of("taskId", "t2"));
    rig.emit("task_created", Map.of("taskId", "t3"));
    await().until(() -> rig.onLoop(() -> rig.feature.feed().newest(100)).size() >= 3);
    feature = feature(rig);
    rig.onLoop(this::begin);
    await().until(() -> receiver.received.stream().anyMatch(r -> r.text().contains("t3")));
    assertThat(receiver.received)
        .extracting(each -> each.body().getJsonObject("data").getString("taskId"))
        .containsSubsequence("t1", "t2", "t3");
  }

  @Test
  void tellsOfNoLossAfterAnEventThatIsNotKept() throws Exception {
    start(Map.of());
    hook("task_*", "llm_proxy_stream_chunk", "events_lost", "config_changed");
    rig.emit("task_created", Map.of("taskId", "t1"));
    rig.emit("llm_proxy_stream_chunk", Map.of("requestId", "r", "nodeId", "n"));
    await().until(() -> receiver.received.size() == 2);
    await().until(() -> rig.onLoop(() -> rig.feature.feed().newest(100)).size() >= 2);
    rig.onLoop(feature::close);
    rig.emit("task_created", Map.of("taskId", "t2"));
    feature = feature(rig);
    rig.onLoop(this::begin);
    await().until(() -> receiver.received.stream().anyMatch(r -> r.text().contains("t2")));
    assertThat(receiver.received)
        .extracting(each -> each.body().getString("type"))
        .doesNotContain("events_lost");
  }

  @Test
  void checksWhatItIsGiven() throws Exception {
    start(Map.of("WEBHOOKS_ALLOW_PRIVATE", "false"));
    for (String url :
        List.of("ftp://example.org", "nonsense", "http://u:p@example.org/", "http:")) {
      assertThat(post(url, TestGuard.ADMIN).body()).as(url).contains("'url' has to be");
    }
    for (String url :
        List.of(receiver.url(), "http://[::1]:80/", "http://169.254.169.254/latest/meta-data")) {
      HttpResponse<String> refused = post(url, TestGuard.ADMIN);
      assertThat(refused.statusCode()).isEqualTo(400);
      assertThat(refused.body()).contains("WEBHOOKS_ALLOW_PRIVATE");
    }
    assertThat(post("https://1.1.1.1/", TestGuard.VIEWER).statusCode()).isEqualTo(403);
    assertThat(post("https://1.1.1.1/", null).statusCode()).isEqualTo(401);
    String unknown = "{\"url\":\"https://1.1.1.1/\",\"types\":[\"nodes\"]}";
    assertThat(rig.send("POST", PATH, unknown, TestGuard.ADMIN).body()).contains("'nodes'");
    assertThat(
            rig.send("POST", PATH, unknown.replace("types", "type"), TestGuard.ADMIN).statusCode())
        .isEqualTo(400);
    assertThat(rig.send("DELETE", PATH + "/x", null, TestGuard.ADMIN).statusCode()).isEqualTo(404);
    assertThat(listed()).isEmpty();
  }

  @Test
  void hasALimitAndForgets() throws Exception {
    start(Map.of());
    String id = hook().getString("id");
    hook();
    assertThat(post(receiver.url(), TestGuard.ADMIN).statusCode()).isEqualTo(409);
    json(rig.send("DELETE", PATH + "/" + id, null, TestGuard.ADMIN), 200);
    assertThat(listed()).hasSize(1);
  }

  private HttpResponse<String> post(String url, String token) throws Exception {
    return rig.send("POST", PATH, new JsonObject().put("url", url).encode(), token);
  }
}
