package io.muster.hub.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.event.ClusterEvent;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.node.NodeState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Events by WebSocket, by SSE and as JSON, with clients that are not ours. */
class EventsIT {
  private static final String PATH = "/api/admin/events";

  /** Stands after the last line of a stream that ended in order. */
  private static final String ENDED = "the end";

  private static final String BEARER = "Bearer " + TestGuard.VIEWER;

  private EventsRig rig = new EventsRig(Map.of("EVENT_AUTH_TIMEOUT_MS", "400"));

  @AfterEach
  void close() {
    rig.close();
  }

  private SocketClient socket(String query, boolean reads, String... headers) {
    return new SocketClient(rig.client, rig.socket(PATH + query), reads, headers);
  }

  @Test
  void tellsOfNodesToWhoeverHasTheHeader() throws Exception {
    try (SocketClient admin = socket("?types=node_*", true, "authorization", BEARER)) {
      assertThat(admin.next().getString("type")).isEqualTo("subscribed");
      rig.emit("task_created", Map.of("taskId", "t"));
      rig.vertx.runOnContext(v -> rig.fleet.with(SomeNodes.online("w1", "m")));
      JsonObject registered = admin.next();
      assertThat(registered.fieldNames()).containsExactly("type", "data");
      assertThat(registered.getString("type")).isEqualTo("node_registered");
      assertThat(registered.getJsonObject("data").getJsonObject("node").getString("id"))
          .isEqualTo("w1");
      assertThat(registered.getJsonObject("data").getLong("timestamp")).isPositive();

      rig.vertx.runOnContext(
          v ->
              rig.fleet.with(
                  SomeNodes.view(
                      SomeNodes.info("w1", "m"),
                      NodeState.OFFLINE,
                      new StateCause.Unregistered("done"))));
      JsonObject changed = admin.next().getJsonObject("data");
      assertThat(changed.getString("nodeId")).isEqualTo("w1");
      assertThat(changed.getString("oldStatus")).isEqualTo("online");
      assertThat(changed.getString("newStatus")).isEqualTo("offline");
      assertThat(admin.next().getString("type")).isEqualTo("node_unregistered");
    }
    await().until(() -> rig.feature.feed().subscribers() == 0);
  }

  @Test
  void takesATokenInTheFirstFrameAndAnotherFilterLater() throws Exception {
    try (SocketClient browser = socket("", true)) {
      browser.send(frame("auth", new JsonObject().put("token", TestGuard.VIEWER)));
      assertThat(browser.next().getString("type")).isEqualTo("subscribed");
      browser.send(frame("subscribe", types("task_*")));
      assertThat(browser.next().getJsonObject("data").getJsonArray("types"))
          .isEqualTo(new JsonArray().add("task_*"));
      browser.send(frame("subscribe", types("nonsense")));
      assertThat(browser.next().getJsonObject("data").getString("message")).contains("nonsense");
      browser.send("{");
      assertThat(browser.next().getJsonObject("data").getString("code")).isEqualTo("malformed");
      rig.emit("quota_changed", Map.of());
      rig.emit("task_failed", Map.of("taskId", "t1"));
      assertThat(browser.next().getJsonObject("data").getString("taskId")).isEqualTo("t1");
    }
  }

  @Test
  void letsNobodyReadWithoutAToken() throws Exception {
    try (SocketClient silent = socket("", true)) {
      assertThat(silent.closeCode()).isEqualTo(1008);
    }
    try (SocketClient wrong = socket("", true)) {
      wrong.send(frame("auth", new JsonObject().put("token", "guess")));
      assertThat(wrong.next().getString("type")).isEqualTo("error");
      assertThat(wrong.closeCode()).isEqualTo(1008);
    }
    assertThat(rig.send("GET", PATH, null, null).statusCode()).isEqualTo(401);
    assertThat(rig.send("GET", PATH, null, null, "accept", "text/event-stream").statusCode())
        .isEqualTo(401);
    assertThat(rig.send("GET", PATH + "?types=x", null, TestGuard.VIEWER).body())
        .contains("'x'", "types");
  }

  @Test
  void outlivesTheIdleTimeoutOfConnections() throws Exception {
    try (SocketClient admin = socket("", true, "authorization", BEARER)) {
      admin.next();
      await().pollDelay(2, TimeUnit.SECONDS).until(() -> true);
      rig.emit("quota_changed", Map.of("by", "me"));
      assertThat(admin.next().getString("type")).isEqualTo("quota_changed");
    }
  }

  @Test
  void cutsOffWhoReadsTooSlowlyAndNobodyElse() throws Exception {
    rig.close();
    rig = new EventsRig(Map.of("EVENT_QUEUE_SIZE", "50"));
    int count = 1_000;
    try (SocketClient slow = socket("", false, "authorization", BEARER);
        SocketClient quick = socket("", true, "authorization", BEARER)) {
      await().until(() -> rig.feature.feed().subscribers() == 2);
      String text = "x".repeat(20_000);
      for (int i = 0; i < count; i += 10) {
        int from = i;
        rig.onLoop(
            () -> {
              for (int n = from; n < from + 10; n++) {
                rig.events.emit("llm_proxy_stream_chunk", Map.of("n", n, "text", text));
              }
              return io.vertx.core.Future.succeededFuture();
            });
        await().until(() -> quick.frames.size() > from);
      }
      await().until(() -> rig.feature.feed().cutOff() == 1);
      await().until(() -> quick.frames.size() == count + 1);
      assertThat(rig.feature.feed().subscribers()).isEqualTo(1);
    }
  }

  @Test
  void cutsOffWhoAsksWithoutReadingWhatIsAnswered() throws Exception {
    // No token is needed for this: it must not fill the hub's memory.
    rig.close();
    rig = new EventsRig(Map.of("EVENT_AUTH_TIMEOUT_MS", "120000"));
    try (SocketClient flood = socket("", false)) {
      String ping = frame("ping", new JsonObject()).encode();
      assertThatThrownBy(
              () -> {
                // Until the sockets' buffers are full, however big this system makes them.
                long end = System.nanoTime() + 60_000_000_000L;
                while (System.nanoTime() < end) {
                  flood.send(ping);
                }
              })
          .hasRootCauseInstanceOf(java.io.IOException.class);
    }
  }

  @Test
  void endsStreamsAndSocketsInOrderWhenTheHubStops() throws Exception {
    BlockingQueue<String> lines = sse("", null);
    try (SocketClient admin = socket("", true, "authorization", BEARER);
        SocketClient waiting = socket("", true)) {
      admin.next();
      rig.stopServing();
      assertThat(admin.closeCode()).isEqualTo(1001);
      assertThat(waiting.closeCode()).isEqualTo(1001);
      await().until(() -> lines.contains(ENDED));
    }
  }

  @Test
  void streamsByServerSentEventsAndGoesOnWhereItStopped() throws Exception {
    BlockingQueue<String> lines = sse("?types=task_*", null);
    rig.emit("quota_changed", Map.of());
    for (int i = 0; i < 3; i++) {
      rig.emit("task_created", Map.of("taskId", "t" + i));
    }
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String[] event = event(lines);
      assertThat(event[1]).isEqualTo("event: task_created");
      assertThat(event[2])
          .isEqualTo("data: {\"type\":\"task_created\",\"data\":{\"taskId\":\"t" + i + "\"}}");
      ids.add(event[0].substring(4));
    }
    BlockingQueue<String> again = sse("?types=task_*", ids.get(0));
    assertThat(event(again)[2]).contains("\"t1\"");
    assertThat(event(again)[2]).contains("\"t2\"");
    rig.emit("task_created", Map.of("taskId", "t3"));
    assertThat(event(again)[2]).contains("\"t3\"");

    HttpResponse<String> listed =
        rig.send("GET", PATH + "?types=task_*&after=" + ids.get(1), null, TestGuard.VIEWER);
    assertThat(new JsonObject(listed.body()).getInteger("total")).isEqualTo(2);
    HttpResponse<String> newest = rig.send("GET", PATH + "?limit=1", null, TestGuard.VIEWER);
    assertThat(newest.body()).contains("\"t3\"").doesNotContain("\"t2\"");
  }

  @Test
  void tellsOfAGap() throws Exception {
    rig.emit("task_created", Map.of("taskId", "old"));
    long now = System.currentTimeMillis();
    BlockingQueue<String> lines = sse("", "%012x-%08x-%s".formatted(now, 99, "hub-gone"));
    String lost = event(lines)[0];
    assertThat(lost).isEqualTo("event: events_lost");
    assertThat(event(lines)[2]).contains("\"old\"");
    assertThat(event(sse("", "nonsense"))[1]).contains("is no event's id");
  }

  @Test
  void goesOnAfterARestartWithWhatAnotherHubTold() throws Exception {
    long now = System.currentTimeMillis();
    String had = id(now, 1, "worker-7");
    rig.hear(new ClusterEvent(had, "task_started", "worker-7", now, Map.of("taskId", "a")));
    rig.hear(
        new ClusterEvent(
            id(now, 2, "worker-7"), "task_completed", "worker-7", now, Map.of("taskId", "b")));
    await().until(() -> rig.onLoop(() -> rig.feature.feed().newest(10)).size() == 2);
    // Nothing is left in memory: as after a restart.
    EventLog log =
        new EventLog(
            rig.database, new EventLog.Options(10, 10_000, 10), java.time.Clock.systemUTC());
    EventFeed other =
        new EventFeed(
            new EventFeed.Options(10, 10, 10), log, e -> false, java.time.Clock.systemUTC());
    List<Told> missed = rig.onLoop(() -> other.since(had));
    assertThat(missed).extracting(told -> told.event().data().get("taskId")).containsExactly("b");
  }

  @Test
  void endsWithTheTokenThatWasPresented() throws Exception {
    rig.close();
    rig = new EventsRig(Map.of("EVENT_RECHECK_MS", "200"));
    BlockingQueue<String> lines = sse("", null);
    try (SocketClient admin = socket("", true, "authorization", BEARER);
        SocketClient browser = socket("", true)) {
      browser.send(frame("auth", new JsonObject().put("token", TestGuard.VIEWER)));
      admin.next();
      browser.next();
      assertThat(rig.feature.feed().subscribers()).isEqualTo(3);
      await().pollDelay(500, TimeUnit.MILLISECONDS).until(() -> true);
      assertThat(rig.feature.feed().subscribers()).isEqualTo(3);
      rig.guard.revoke();
      assertThat(admin.closeCode()).isEqualTo(1008);
      assertThat(browser.closeCode()).isEqualTo(1008);
      await().until(() -> rig.feature.feed().subscribers() == 0);
    }
    assertThat(lines).isNotNull();
  }

  @Test
  void listsTheTypes() throws Exception {
    HttpResponse<String> types = rig.send("GET", PATH + "/types", null, TestGuard.VIEWER);
    assertThat(types.statusCode()).isEqualTo(200);
    assertThat(types.body()).contains("node_status_changed", "oldStatus");
  }

  private static String id(long at, int number, String source) {
    return "%012x-%08x-%s".formatted(at, number, source);
  }

  private BlockingQueue<String> sse(String query, String lastId) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(rig.http(PATH + query))
            .header("accept", "text/event-stream")
            .header("authorization", BEARER);
    if (lastId != null) {
      request.header("last-event-id", lastId);
    }
    HttpResponse<Stream<String>> response =
        rig.client.send(request.build(), HttpResponse.BodyHandlers.ofLines());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
    BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    Thread reader =
        new Thread(
            () -> {
              try {
                response.body().forEach(lines::add);
                lines.add(ENDED);
              } catch (java.io.UncheckedIOException e) {
                // The hub stops.
              }
            });
    reader.setDaemon(true);
    reader.start();
    assertThat(lines.poll(10, TimeUnit.SECONDS)).startsWith("retry:");
    lines.poll(10, TimeUnit.SECONDS);
    return lines;
  }

  /** The lines of the next event, comments left out. */
  private static String[] event(BlockingQueue<String> lines) throws InterruptedException {
    List<String> event = new ArrayList<>();
    while (true) {
      String line = lines.poll(10, TimeUnit.SECONDS);
      if (line == null) {
        throw new AssertionError("no event within 10 s, only " + event);
      }
      if (line.startsWith(":")) {
        lines.poll(10, TimeUnit.SECONDS);
      } else if (line.isEmpty()) {
        return event.toArray(String[]::new);
      } else {
        event.add(line);
      }
    }
  }

  private static JsonObject frame(String type, JsonObject data) {
    return new JsonObject().put("type", type).put("data", data);
  }

  private static JsonObject types(String... types) {
    return new JsonObject().put("types", new JsonArray(List.of(types)));
  }
}
