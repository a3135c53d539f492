package io.muster.hub.admin;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Ack;
import io.muster.hub.http.FeatureHub;
import io.muster.hub.http.FeatureHub.Reply;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.NodeCommand;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What administration promises over real HTTP and a bus, whatever the database. */
abstract class AdministrationContract {
  private FeatureHub hub;
  private AdminParts parts;
  private String token;

  abstract TestDatabase create();

  @BeforeEach
  void start() {
    TestDatabase home = create();
    hub =
        new FeatureHub(
            home,
            (vertx, database) -> {
              parts = new AdminParts(vertx, database);
              return parts.start(home.folder());
            });
    token =
        hub.send(
                "POST",
                "/api/admin/auth/login",
                null,
                new JsonObject().put("username", "admin").put("password", AdminParts.PASSWORD))
            .body()
            .getString("token");
  }

  @AfterEach
  void stop() {
    if (parts != null) {
      // Else there is no database to test with.
      await(hub.onLoop(parts::close));
      hub.close();
    }
  }

  private List<NodeCommand> join(
      String id, Function<NodeCommand, Future<? extends Record>> answers) {
    return await(hub.onLoop(() -> parts.join(id, answers)));
  }

  /** A node that does what it is told. */
  private List<NodeCommand> join(String id) {
    return parts.join(id);
  }

  private Reply get(String path) {
    return hub.send("GET", "/api/admin/" + path, token, null);
  }

  private Reply post(String path) {
    return hub.send("POST", "/api/admin/" + path, token, null);
  }

  private Reply put(String path, JsonObject body) {
    return hub.send("PUT", "/api/admin/" + path, token, body);
  }

  @Test
  void listsNodesInTheirForm() {
    join("w1");
    join("c1");

    JsonObject all = get("nodes").body();
    assertThat(all.getBoolean("success")).isTrue();
    assertThat(all.getInteger("total")).isEqualTo(2);
    JsonObject node = get("nodes/w1").body().getJsonObject("node");
    assertThat(node.getString("id")).isEqualTo("w1");
    assertThat(node.getString("type")).isEqualTo("worker");
    assertThat(node.getString("status")).isEqualTo("online");
    assertThat(node.getLong("registeredAt")).isPositive();
    assertThat(node.getJsonArray("tools")).isEqualTo(new JsonArray().add("echo"));
    assertThat(node.getJsonObject("ips").getJsonArray("localIPs")).hasSize(1);
    assertThat(node.getJsonObject("config"))
        .isEqualTo(
            new JsonObject()
                .put("maxConcurrentTasks", 4)
                .put("resources", new JsonObject().put("cpu", 2).put("memory", 3L).put("disk", 4L))
                .put("metadata", new JsonObject().put("rack", "7")));
    assertThat(node.getJsonObject("stats").fieldNames())
        .contains("totalTasks", "completedTasks", "failedTasks", "averageResponseTime");
    assertThat(get("nodes/w1/stats").body().getJsonObject("stats").fieldNames())
        .contains("totalTasks", "uptime", "lastHeartbeat");
    assertThat(get("nodes?type=companion").body().getInteger("total")).isEqualTo(1);
    assertThat(get("nodes?status=offline").body().getInteger("total")).isZero();
    assertThat(get("nodes?capability=chat").body().getInteger("total")).isEqualTo(2);
    assertThat(get("nodes?status=sleepy").status()).isEqualTo(400);
    assertThat(get("nodes/none").status()).isEqualTo(404);
  }

  @Test
  void asksNodesThemselves() {
    join("w1");

    assertThat(get("nodes/w1/logs?limit=3&level=warn").body().getJsonArray("logs").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("timestamp", 7)
                .put("level", "warn")
                .put("logger", "L")
                .put("thread", "t")
                .put("message", "limit 3"));
    assertThat(get("nodes/w1/logs?level=loud").status()).isEqualTo(400);
    JsonObject there = post("nodes/w1/heartbeat-check").body();
    assertThat(there.getString("status")).isEqualTo("online");
    assertThat(there.getBoolean("answered")).isTrue();

    await(hub.onLoop(() -> Future.succeededFuture(registerSilent())));
    assertThat(post("nodes/w2/heartbeat-check").body().getString("status")).isEqualTo("offline");
    assertThat(post("nodes/w2/restart").status()).isEqualTo(503);
  }

  private String registerSilent() {
    parts.register("w2", "1");
    return "w2";
  }

  @Test
  void drainsOverRestartsOfHubAndNode() {
    List<NodeCommand> heard = join("w1");

    JsonObject drained = post("nodes/w1/drain").body();
    assertThat(drained.getBoolean("draining")).isTrue();
    assertThat(drained.getBoolean("nodeTold")).isTrue();
    assertThat(heard).hasAtLeastOneElementOfType(NodeCommand.DrainNode.class);
    assertThat(get("nodes/w1").body().getJsonObject("node").getString("drainedBy"))
        .isEqualTo("admin");
    assertThat(able()).isZero();

    // A new process of the node gets no work either, and is told again.
    heard.clear();
    await(
        hub.onLoop(
            () -> {
              parts.registry.memberGone("none");
              parts.registry.forget("w1");
              parts.register("w1", "2");
              return Future.succeededFuture();
            }));
    assertThat(able()).isZero();
    Awaitility.await().until(() -> !heard.isEmpty());
    assertThat(heard.get(0)).isInstanceOf(NodeCommand.DrainNode.class);

    assertThat(post("nodes/w1/resume").body().getBoolean("draining")).isFalse();
    assertThat(able()).isEqualTo(1);
    assertThat(parts.events).contains("node_drained", "node_resumed", "admin_action");
  }

  private int able() {
    return await(hub.onLoop(() -> Future.succeededFuture(parts.registry.able("m1").size())));
  }

  @Test
  void endsAndForgetsNodes() {
    List<NodeCommand> heard = join("w1");

    assertThat(post("nodes/w1/restart").status()).isEqualTo(202);
    assertThat(post("nodes/w1/unload").status()).isEqualTo(202);
    assertThat(heard)
        .hasAtLeastOneElementOfType(NodeCommand.RestartNode.class)
        .hasAtLeastOneElementOfType(NodeCommand.UnloadNode.class);
    put("nodes/w1/tags", new JsonObject().put("tags", new JsonArray().add("gpu")));

    Reply removed = hub.send("DELETE", "/api/admin/nodes/w1", token, null);
    assertThat(removed.body())
        .isEqualTo(
            new JsonObject().put("success", true).put("message", "Node unregistered successfully"));
    assertThat(parts.lost).contains("w1");
    assertThat(get("nodes/w1").status()).isEqualTo(404);
    assertThat(await(hub.onLoop(parts.records::list))).isEmpty();
    assertThat(parts.tags().of("w1")).isEmpty();
    assertThat(hub.send("DELETE", "/api/admin/nodes/w1", token, null).status()).isEqualTo(404);
  }

  @Test
  void groupsNodesByTags() {
    join("w1");
    join("w2");
    JsonObject tags = new JsonObject().put("tags", new JsonArray().add("gpu").add("eu"));

    assertThat(put("nodes/w1/tags", tags).body().getJsonArray("tags")).hasSize(2);
    assertThat(get("nodes?tag=gpu").body().getInteger("total")).isEqualTo(1);
    assertThat(
            put("groups/fast", new JsonObject().put("tags", new JsonArray().add("gpu"))).status())
        .isEqualTo(200);
    assertThat(get("groups").body().getJsonArray("groups").getJsonObject(0))
        .isEqualTo(
            new JsonObject()
                .put("name", "fast")
                .put("tags", new JsonArray().add("gpu"))
                .put("nodes", new JsonArray().add("w1")));
    assertThat(get("nodes?group=fast").body().getInteger("total")).isEqualTo(1);
    assertThat(hub.send("DELETE", "/api/admin/groups/fast", token, null).status()).isEqualTo(200);
    assertThat(
            put("nodes/w1/tags", new JsonObject().put("tags", new JsonArray().add("no, way")))
                .status())
        .isEqualTo(400);
    assertThat(put("nodes/w1/tags", new JsonObject()).status()).isEqualTo(400);
  }

  private static JsonObject config(JsonObject target, Map<String, Object> values) {
    return new JsonObject().put("target", target).put("values", new JsonObject(values));
  }

  private static JsonObject all() {
    return new JsonObject().put("all", true);
  }

  private JsonObject standing(String id) {
    JsonArray nodes = get("config").body().getJsonArray("nodes");
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.getJsonObject(i).getString("nodeId").equals(id)) {
        return nodes.getJsonObject(i);
      }
    }
    throw new AssertionError(nodes.encode());
  }

  @Test
  void sendsConfigurationToThoseItIsFor() {
    List<NodeCommand> one = join("w1");
    List<NodeCommand> two = join("w2");
    put("nodes/w2/tags", new JsonObject().put("tags", new JsonArray().add("gpu")));

    put("config", config(all(), Map.of("LOG_LEVEL", "debug", "WORKER_MAX_CONCURRENT", 8)));
    Reply tagged =
        put("config", config(new JsonObject().put("tag", "gpu"), Map.of("LOG_LEVEL", "warn")));

    assertThat(tagged.status()).isEqualTo(200);
    assertThat(tagged.body().getJsonArray("nodes")).hasSize(1);
    assertThat(values(one)).isEqualTo(Map.of("LOG_LEVEL", "debug", "WORKER_MAX_CONCURRENT", "8"));
    assertThat(values(two)).isEqualTo(Map.of("LOG_LEVEL", "warn", "WORKER_MAX_CONCURRENT", "8"));
    assertThat(standing("w1").getString("state")).isEqualTo("in_sync");
    assertThat(standing("w2").getLong("applied")).isEqualTo(tagged.body().getLong("version"));

    // Out of the tag, out of its values.
    put("nodes/w2/tags", new JsonObject().put("tags", new JsonArray()));
    Awaitility.await().until(() -> values(two).get("LOG_LEVEL").equals("debug"));

    // A node that comes is sent what it should have.
    List<NodeCommand> late = join("w3");
    Awaitility.await().until(() -> !late.isEmpty());
    assertThat(values(late)).containsEntry("LOG_LEVEL", "debug");
    assertThat(parts.events).contains("config_changed", "config_acknowledged");
  }

  private static Map<String, String> values(List<NodeCommand> heard) {
    return ((NodeCommand.ApplyConfig) heard.get(heard.size() - 1)).values();
  }

  @Test
  void takesBackWhatANodeRejects() {
    List<NodeCommand> heard = join("w1");
    Reply first = put("config", config(all(), Map.of("LOG_LEVEL", "debug")));

    Reply wrong = put("config", config(all(), Map.of("OLLAMA_URL", "http://wrong")));

    JsonObject node = wrong.body().getJsonArray("nodes").getJsonObject(0);
    assertThat(node.getString("state")).isEqualTo("rejected");
    assertThat(node.getString("reason")).isEqualTo("not there");
    assertThat(node.getLong("wanted")).isEqualTo(wrong.body().getLong("version"));
    assertThat(node.getLong("applied")).isEqualTo(first.body().getLong("version"));
    assertThat(values(heard)).isEqualTo(Map.of("LOG_LEVEL", "debug"));
    assertThat(parts.events).contains("config_rejected");

    put("config", config(all(), Map.of("LOG_LEVEL", "info")));
    assertThat(standing("w1").getString("state")).isEqualTo("in_sync");
  }

  @Test
  void sendsAgainWhatWasNotAcknowledged() {
    boolean[] deaf = {true};
    List<NodeCommand> heard =
        join("w1", command -> deaf[0] ? Promise.<Ack>promise().future() : AdminParts.obey(command));

    put("config", config(all(), Map.of("LOG_LEVEL", "debug")));
    assertThat(standing("w1").getString("state")).isEqualTo("pending");
    deaf[0] = false;

    Awaitility.await().until(() -> standing("w1").getString("state").equals("in_sync"));
    assertThat(heard.size()).isGreaterThan(1);
  }

  @Test
  void refusesSecretsAndWhatCannotChange() {
    for (Map<String, Object> values :
        List.<Map<String, Object>>of(
            Map.of("OPENAI_API_KEY", "sk-secret"),
            Map.of("WORKER_PORT", 80),
            Map.of("LOG_LEVLE", "debug"),
            Map.of("LOG_LEVEL", "loud"),
            Map.of("OLLAMA_URL", "http://me:pass@there"),
            Map.of("LOG_LEVEL", Map.of()))) {
      Reply refused = put("config", config(all(), values));
      assertThat(refused.status()).as(values.toString()).isEqualTo(400);
      assertThat(refused.body().getString("field"))
          .isEqualTo("values." + values.keySet().iterator().next());
    }
    assertThat(put("config", config(new JsonObject(), Map.of())).status()).isEqualTo(400);
    String log = get("audit").body().encode();
    assertThat(log).contains("PUT /api/admin/config").doesNotContain("sk-secret", "pass@");
  }

  @Test
  void showsTheAuditLogInPages() {
    join("w1");
    post("nodes/w1/drain");
    post("nodes/none/drain");
    post("nodes/w1/resume");

    JsonObject first = get("audit?limit=2").body();
    JsonObject second = get("audit?limit=2&before=" + first.getLong("next")).body();

    assertThat(actions(first))
        .containsExactly(
            "POST /api/admin/nodes/:nodeId/resume w1 ok",
            "POST /api/admin/nodes/:nodeId/drain none node_not_found");
    assertThat(actions(second))
        .containsExactly("POST /api/admin/nodes/:nodeId/drain w1 ok", "login admin ok");
    assertThat(get("audit?target=w1").body().getJsonArray("entries")).hasSize(2);
    assertThat(first.getJsonArray("entries").getJsonObject(0).getString("address"))
        .isEqualTo("127.0.0.1");
  }

  private static List<String> actions(JsonObject page) {
    return page.getJsonArray("entries").stream()
        .map(JsonObject.class::cast)
        .map(
            e -> e.getString("action") + " " + e.getString("target") + " " + e.getString("outcome"))
        .toList();
  }
}
