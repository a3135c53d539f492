package io.muster.hub.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Addresses;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bridge's frames over SockJS' raw WebSocket, and what it must never let through. */
class EventsBridgeIT {
  private final EventsRig rig =
      new EventsRig(
          Map.of(
              "API_KEYS",
              "key-of-sixteen-characters",
              "EVENT_AUTH_TIMEOUT_MS",
              "500",
              "EVENT_RECHECK_MS",
              "100"));

  @AfterEach
  void close() {
    rig.close();
  }

  private SocketClient open(String... headers) {
    return new SocketClient(rig.client, rig.socket("/eventbus/websocket"), true, headers);
  }

  private static JsonObject frame(String type, String address) {
    return new JsonObject().put("type", type).put("address", address);
  }

  private static JsonObject register(String address, String token) {
    JsonObject headers = new JsonObject().put("types", "task_*");
    if (token != null) {
      headers.put("Authorization", "Bearer " + token);
    }
    return frame("register", address).put("headers", headers);
  }

  @Test
  void tellsEventsToWhoeverHasATokenOrAKey() throws Exception {
    try (SocketClient viewer = open();
        SocketClient service = open("authorization", "Bearer key-of-sixteen-characters")) {
      viewer.send(register(Addresses.EVENTS_JSON, TestGuard.VIEWER));
      service.send(register(Addresses.EVENTS_JSON, null));
      await()
          .until(
              () -> {
                rig.emit("task_created", Map.of("taskId", "t1"));
                return !viewer.frames.isEmpty() && !service.frames.isEmpty();
              });
      rig.emit("quota_changed", Map.of());
      JsonObject received = viewer.next();
      assertThat(received.getString("type")).isEqualTo("rec");
      assertThat(received.getString("address")).isEqualTo("muster.events.json");
      assertThat(received.getJsonObject("body").getString("type")).isEqualTo("task_created");
      assertThat(received.getJsonObject("body").getString("id")).isNotEmpty();
      assertThat(viewer.frames).noneMatch(each -> each.encode().contains("quota_changed"));
    }
  }

  @Test
  void endsWhenTheTokenDoesNotHoldAnyMore() throws Exception {
    try (SocketClient viewer = open();
        SocketClient service = open("authorization", "Bearer key-of-sixteen-characters")) {
      viewer.send(register(Addresses.EVENTS_JSON, TestGuard.VIEWER));
      service.send(register(Addresses.EVENTS_JSON, null));
      await()
          .until(
              () -> {
                rig.emit("task_created", Map.of("taskId", "t1"));
                return !viewer.frames.isEmpty() && !service.frames.isEmpty();
              });
      rig.guard.revoke();
      assertThat(viewer.closeCode()).isEqualTo(1008);
      service.frames.clear();
      rig.emit("task_created", Map.of("taskId", "t2"));
      await().until(() -> !service.frames.isEmpty());
    }
  }

  @Test
  void refusesWhoeverHasNone() throws Exception {
    for (String token : new String[] {null, "guess"}) {
      try (SocketClient stranger = open()) {
        stranger.send(register(Addresses.EVENTS_JSON, token));
        assertThat(stranger.next().getString("body")).isEqualTo("rejected");
        rig.emit("task_created", Map.of("taskId", "t1"));
        assertThat(stranger.closeCode()).isEqualTo(1008);
        assertThat(stranger.frames).isEmpty();
      }
    }
  }

  @Test
  void letsNobodySendOrListenToAnythingElse() throws Exception {
    List<Object> heard = new CopyOnWriteArrayList<>();
    List<String> internal =
        List.of(
            Addresses.HUBS,
            Addresses.NODES,
            Addresses.EVENTS,
            Addresses.EVENTS_JSON,
            Addresses.node("w1"),
            Addresses.frames("hub-1"));
    for (String address : internal) {
      rig.vertx.eventBus().localConsumer(address, message -> heard.add(message.body()));
    }
    String key = "key-of-sixteen-characters";
    try (SocketClient client = open("authorization", "Bearer " + key)) {
      client.send(register(Addresses.EVENTS_JSON, null));
      for (String address : internal) {
        for (String type : List.of("send", "publish")) {
          client.send(frame(type, address).put("body", new JsonObject().put("a", 1)));
          assertThat(client.next().getString("body"))
              .as(type + " " + address)
              .isEqualTo("rejected");
        }
      }
      for (String address : internal) {
        if (!address.equals(Addresses.EVENTS_JSON)) {
          client.send(register(address, null));
          assertThat(client.next().getString("type")).as(address).isEqualTo("err");
        }
      }
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void hasNoOtherTransport() throws Exception {
    assertThat(rig.send("GET", "/eventbus/info", null, null).statusCode()).isEqualTo(200);
    for (String path : List.of("eventsource", "htmlfile?c=x", "jsonp?c=x")) {
      assertThat(rig.send("GET", "/eventbus/0/s/" + path, null, null).statusCode()).isEqualTo(404);
    }
    for (String path : List.of("xhr", "xhr_streaming", "xhr_send", "jsonp_send")) {
      assertThat(rig.send("POST", "/eventbus/0/s/" + path, "[]", null).statusCode()).isIn(404, 405);
    }
    await().pollDelay(10, TimeUnit.MILLISECONDS).until(() -> true);
  }
}
