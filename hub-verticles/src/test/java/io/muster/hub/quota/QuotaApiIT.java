package io.muster.hub.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.http.FeatureHub;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.NodeType;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The quotas' administration over HTTP. */
class QuotaApiIT {
  private final AtomicInteger toldHubs = new AtomicInteger();
  private final List<String> events = new CopyOnWriteArrayList<>();
  private Quotas quotas;
  private FeatureHub hub;

  @BeforeEach
  void start() {
    hub =
        new FeatureHub(
            TestDatabase.h2(),
            (vertx, database) -> {
              quotas =
                  new Quotas(
                      vertx,
                      database,
                      "hub-1",
                      new Quotas.Options(
                          new Limits(30, 200_000, 3, 2), Limits.UNLIMITED, 1_000, 30_000),
                      Quotas.Nodes.of(node -> NodeType.WORKER, node -> Set.of("gpu")),
                      (type, data) -> {},
                      System::nanoTime);
              return quotas
                  .start()
                  .map(
                      List.of(
                          new QuotaApi(
                              quotas,
                              new AnyAdmin(),
                              toldHubs::incrementAndGet,
                              (type, data) -> events.add(type + data),
                              Clock.systemUTC())));
            });
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private JsonObject send(String method, String path, String body, int status) {
    FeatureHub.Reply reply =
        hub.send(
            method,
            "/api/admin/quotas" + path,
            "admin",
            body == null ? null : new JsonObject(body));
    assertThat(reply.status()).as(reply.raw().body()).isEqualTo(status);
    return reply.body();
  }

  @Test
  void setsShowsAndRemovesOverrides() {
    assertThat(send("GET", "", null, 200).getJsonObject("defaults").getJsonObject("node"))
        .isEqualTo(
            new JsonObject()
                .put("maxRequestsPerMinute", 30)
                .put("maxTokensPerDay", 200_000)
                .put("maxConcurrentStreams", 3)
                .put("burstMultiplier", 2));
    send("PUT", "/tag/gpu", "{\"maxTokensPerDay\": 5000}", 200);
    send("PUT", "/node/worker-1", "{\"maxConcurrentStreams\": -1}", 200);
    JsonObject shown = send("GET", "/node/worker-1", null, 200);
    assertThat(shown.getJsonObject("effective").getInteger("maxTokensPerDay")).isEqualTo(5000);
    assertThat(shown.getJsonObject("effective").getInteger("maxConcurrentStreams")).isEqualTo(-1);
    assertThat(shown.getJsonObject("override").getString("changedBy")).isEqualTo("ada");
    assertThat(send("GET", "", null, 200).getJsonArray("overrides")).hasSize(2);
    assertThat(quotas.limits(Principal.node("worker-1"))).isEqualTo(new Limits(30, 5000, -1, 2));

    send("DELETE", "/tag/gpu", null, 200);
    send("DELETE", "/tag/gpu", null, 404);
    assertThat(quotas.limits(Principal.node("worker-1"))).isEqualTo(new Limits(30, 200_000, -1, 2));
    assertThat(toldHubs.get()).isEqualTo(3);
    assertThat(events)
        .hasSize(3)
        .first()
        .isEqualTo("quota_changed{scope=tag, name=gpu, deleted=false, changedBy=ada}");
  }

  @Test
  void saysWhatIsWrong() {
    assertThat(send("PUT", "/team/a", "{\"burstMultiplier\": 1}", 400).getString("field"))
        .isEqualTo("scope");
    assertThat(send("PUT", "/type/robot", "{\"burstMultiplier\": 1}", 400).getString("detail"))
        .contains("worker, companion");
    assertThat(send("PUT", "/node/a", "{\"maxTokens\": 1}", 400).getString("field"))
        .isEqualTo("maxTokens");
    assertThat(send("PUT", "/node/a", "{\"maxTokensPerDay\": -2}", 400).getString("field"))
        .isEqualTo("maxTokensPerDay");
    assertThat(send("PUT", "/node/a", "{\"burstMultiplier\": 11}", 400).getString("field"))
        .isEqualTo("burstMultiplier");
    assertThat(send("PUT", "/node/a", "{}", 400).getString("detail")).contains("Nothing is set");
    send("GET", "/tag/none", null, 404);
    assertThat(
            hub.send("PUT", "/api/admin/quotas/tag/a", "viewer", new JsonObject().put("x", 1))
                .status())
        .isEqualTo(403);
    assertThat(toldHubs.get()).isZero();
  }

  @Test
  void tellsWhatWasUsed() {
    Principal node = Principal.node("worker-1");
    Hold hold =
        TestDatabase.await(
            hub.onLoop(
                () -> quotas.reserve(node, quotas.limits(node), new Demand(1_000, true), "r")));
    JsonObject use = send("GET", "/usage", null, 200).getJsonArray("usage").getJsonObject(0);
    assertThat(use.getString("kind")).isEqualTo("node");
    assertThat(use.getString("name")).isEqualTo("worker-1");
    assertThat(use.getInteger("requestsInWindow")).isEqualTo(1);
    assertThat(use.getInteger("tokensReserved")).isEqualTo(1_000);
    assertThat(use.getInteger("streams")).isEqualTo(1);
    hub.vertx.runOnContext(v -> hold.settle(640));
    TestDatabase.await(hub.onLoop(() -> quotas.uses(1)));
    use = send("GET", "/usage", null, 200).getJsonArray("usage").getJsonObject(0);
    assertThat(use.getInteger("streams")).isBetween(0, 1);
  }
}
