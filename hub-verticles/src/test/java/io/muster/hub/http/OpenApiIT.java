package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.event.Events;
import io.muster.hub.admin.AdminParts;
import io.muster.hub.companion.Companions;
import io.muster.hub.events.EventsFeature;
import io.muster.hub.events.TestGuard;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.hub.gateway.NodeSocketRoutes;
import io.muster.hub.history.HistoryRoutes;
import io.muster.hub.history.NodeHistory;
import io.muster.hub.identity.IdentityApi;
import io.muster.hub.metrics.HubMetrics;
import io.muster.hub.ops.ClusterStatus;
import io.muster.hub.ops.ExpectedWorkers;
import io.muster.hub.ops.HubHealth;
import io.muster.hub.ops.HubView;
import io.muster.hub.ops.OpsApi;
import io.muster.hub.quota.AnyAdmin;
import io.muster.hub.quota.Demand;
import io.muster.hub.quota.Limits;
import io.muster.hub.quota.Principal;
import io.muster.hub.quota.QuotaApi;
import io.muster.hub.quota.Quotas;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.hub.task.TaskRoutes;
import io.muster.hub.webhook.WebhooksFeature;
import io.muster.node.NodeState;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.BuildInfo;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.SchemaRepository;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The OpenAPI document says what the hub does, and the hub does what it says. */
class OpenApiIT {
  private static final String URI = "https://muster.example/openapi.json";
  private static final String COMPLETION =
      "{\"id\":\"c\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m1\",\"choices\":"
          + "[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},"
          + "\"finish_reason\":\"stop\"}]}";

  private final JsonObject document =
      new JsonObject(io.vertx.core.buffer.Buffer.buffer(About.document()));
  private final SchemaRepository schemas =
      SchemaRepository.create(
          new JsonSchemaOptions()
              .setBaseUri("https://muster.example")
              .setDraft(Draft.DRAFT202012)
              .setOutputFormat(OutputFormat.Basic));

  @TempDir private Path data;
  private TestHub hub;
  private AdminParts admin;
  private boolean healthy = true;

  @BeforeEach
  void start() throws Exception {
    schemas.dereference(URI, JsonSchema.of(document.copy()));
    hub = TestHub.startWith(this::ops, this::features);
    hub.dispatch.script =
        job ->
            job.later(
                () -> {
                  job.started("w1");
                  job.done(COMPLETION);
                });
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  @Test
  void namesEveryRouteAndNoOther() {
    Set<String> routed = new TreeSet<>();
    for (Route route : hub.verticle.router().getRoutes()) {
      if (route.getPath() != null) {
        for (HttpMethod method : route.methods()) {
          if (!method.equals(HttpMethod.HEAD)) {
            routed.add(
                method.name()
                    + " "
                    + route.getPath().replaceAll(":(\\w+)", "{$1}")
                    + (route.isExactPath() ? "" : "{id}"));
          }
        }
      }
    }
    Set<String> documented = new TreeSet<>();
    document
        .getJsonObject("paths")
        .forEach(
            path ->
                ((JsonObject) path.getValue())
                    .fieldNames()
                    .forEach(
                        method ->
                            documented.add(
                                method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey())));
    assertThat(documented).isEqualTo(routed);
  }

  @Test
  void refersOnlyToWhatIsThere() {
    each(
        document,
        (key, value) -> {
          if (key.equals("$ref")) {
            Object target = document;
            for (String step : value.toString().substring(2).split("/")) {
              target = ((JsonObject) target).getValue(step);
              assertThat(target).as(value.toString()).isNotNull();
            }
          }
        });
  }

  @Test
  void givesExamplesThatFitTheirSchemas() {
    each(
        document,
        (key, value) -> {
          if (key.equals("application/json") && value instanceof JsonObject media) {
            Object schema = media.getValue("schema");
            if (media.containsKey("example")) {
              fits(media.getValue("example"), (JsonObject) schema);
            }
            media
                .getJsonObject("examples", new JsonObject())
                .forEach(
                    example ->
                        fits(
                            ((JsonObject) example.getValue()).getValue("value"),
                            (JsonObject) schema));
          }
        });
  }

  @Test
  void tellsTheTruthAboutTheAnswersOfTheHub() throws Exception {
    String hello = TestHub.HELLO;
    String say = "{\"session_id\":\"s1\",\"message\":\"Hello\"}";
    check("get", "/", hub.get("/"));
    check("get", "/openapi.json", hub.get("/openapi.json"));
    check("post", "/v1/chat/completions", hub.post(TestHub.CHAT, hello));
    check("get", "/v1/models", hub.get("/v1/models"));
    check("get", "/v1/models/{id}", hub.get("/v1/models/org/m2"));
    check("post", "/api/chat", hub.post("/api/chat", say));
    check("post", "/api/chat", hub.post("/api/chat", hello.replace("}]}", "}],\"stream\":false}")));
    check("get", "/api/sessions/{id}", hub.get("/api/sessions/s1"));
    check("delete", "/api/sessions/{id}", delete("/api/sessions/s1"));
    check("get", "/api/tags", hub.get("/api/tags"));
    check("post", "/api/show", hub.post("/api/show", "{\"model\":\"m1\"}"));
    check("get", "/api/version", hub.get("/api/version"));
    check("get", "/info", hub.get("/info"));
    check("get", "/health/live", hub.get("/health/live"));
    check("get", "/health/ready", hub.get("/health/ready"));
    check("get", "/api/metrics", hub.get("/api/metrics"));
    check("get", "/api/workers", hub.get("/api/workers"));
    check("get", "/api/workers/{id}", hub.get("/api/workers/a"));
    check("get", "/metrics", hub.get("/metrics"));
    check("get", "/api/companions", hub.get("/api/companions"));
    check("get", "/api/admin/webhooks", hub.getAs(TestGuard.VIEWER, "/api/admin/webhooks"));
    check("get", "/api/admin/events", hub.getAs(TestGuard.VIEWER, "/api/admin/events"));
    check("get", "/api/admin/events/types", hub.getAs(TestGuard.VIEWER, "/api/admin/events/types"));
    tellsTheTruthAboutHistory();
    tellsTheTruthAboutTasks();
  }

  private void tellsTheTruthAboutHistory() throws Exception {
    String path = "/api/admin/nodes/{nodeId}/history";
    String of = "/api/admin/nodes/w1/history";
    assertThat(check("get", path, hub.getAs(TestGuard.VIEWER, of + "?metric=cpu,gpu.0.power")))
        .isEqualTo(200);
    assertThat(check("get", path, hub.getAs(TestGuard.VIEWER, of + "?metric=x"))).isEqualTo(400);
    assertThat(check("get", path, hub.get(of))).isEqualTo(401);
    assertThat(check("get", path, hub.getAs(TestGuard.VIEWER, of.replace("w1", "w9"))))
        .isEqualTo(404);
  }

  private void tellsTheTruthAboutTasks() throws Exception {
    String echo = "{\"toolName\":\"echo\",\"toolArgs\":{\"a\":1},\"idempotencyKey\":\"k\"}";
    HttpResponse<String> made = hub.post("/api/tasks", echo);
    assertThat(check("post", "/api/tasks", made)).isEqualTo(201);
    String id = new JsonObject(made.body()).getString("taskId");
    assertThat(check("post", "/api/tasks", hub.post("/api/tasks", echo))).isEqualTo(202);
    assertThat(check("post", "/api/tasks", hub.post("/api/tasks", echo.replace("1", "2"))))
        .isEqualTo(409);
    assertThat(check("post", "/api/tasks", hub.post("/api/tasks", "{}"))).isEqualTo(400);
    assertThat(check("get", "/api/tasks", hub.get("/api/tasks"))).isEqualTo(200);
    assertThat(check("get", "/api/tasks/{id}", hub.get("/api/tasks/" + id))).isEqualTo(200);
    assertThat(check("get", "/api/tasks/{id}", hub.get("/api/tasks/x"))).isEqualTo(404);
    assertThat(check("get", "/api/admin/tasks/pending", hub.get("/api/admin/tasks/pending")))
        .isEqualTo(200);
    assertThat(check("delete", "/api/tasks/{id}", delete("/api/tasks/" + id))).isEqualTo(200);
    assertThat(check("post", "/api/tasks", hub.post("/api/tasks", echo))).isEqualTo(200);
    check("get", "/api/tasks/{id}/events", hub.get("/api/tasks/" + id + "/events"));
    String again = "/api/tasks/" + id + "/retry";
    assertThat(check("post", "/api/tasks/{id}/retry", hub.post(again, ""))).isEqualTo(409);
  }

  @Test
  void tellsTheTruthAboutAdministration() throws Exception {
    HttpResponse<String> session =
        hub.post(
            "/api/admin/auth/login",
            "{\"username\":\"admin\",\"password\":\"" + AdminParts.PASSWORD + "\"}");
    check("post", "/api/admin/auth/login", session);
    String token = new JsonObject(session.body()).getString("token");
    String bearer = "Bearer " + token;
    admin.join("w1");
    String node = "/api/admin/nodes/{nodeId}";
    check("get", "/api/admin/auth/me", hub.getAs(token, "/api/admin/auth/me"));
    check("get", "/api/admin/users", hub.getAs(token, "/api/admin/users"));
    check("get", "/api/admin/nodes", hub.getAs(token, "/api/admin/nodes"));
    check("get", node, hub.getAs(token, "/api/admin/nodes/w1"));
    check("get", node + "/stats", hub.getAs(token, "/api/admin/nodes/w1/stats"));
    check("get", node + "/logs", hub.getAs(token, "/api/admin/nodes/w1/logs"));
    for (String verb : List.of("heartbeat-check", "drain", "resume", "restart", "unload")) {
      check(
          "post",
          node + "/" + verb,
          hub.post("/api/admin/nodes/w1/" + verb, "", "authorization", bearer));
    }
    check("get", "/api/admin/groups", hub.getAs(token, "/api/admin/groups"));
    check("get", "/api/admin/audit", hub.getAs(token, "/api/admin/audit"));
    check("get", "/api/admin/config", hub.getAs(token, "/api/admin/config"));
    assertThat(check("get", node, hub.getAs(token, "/api/admin/nodes/w9"))).isEqualTo(404);
    assertThat(check("get", "/api/admin/nodes", hub.get("/api/admin/nodes"))).isEqualTo(401);
    assertThat(check("get", "/api/admin/nodes", hub.getAs(token, "/api/admin/nodes?type=x")))
        .isEqualTo(400);
  }

  @Test
  void tellsTheTruthAboutQuotas() throws Exception {
    String one = "/api/admin/quotas/{scope}/{name}";
    assertThat(check("put", one, put("/api/admin/quotas/node/w1", "{\"burstMultiplier\":3}")))
        .isEqualTo(200);
    assertThat(check("put", one, put("/api/admin/quotas/node/w1", "{\"burst\":3}"))).isEqualTo(400);
    check("get", one, hub.get("/api/admin/quotas/node/w1"));
    check("get", "/api/admin/quotas", hub.get("/api/admin/quotas"));
    check("get", "/api/admin/quotas/usage", hub.get("/api/admin/quotas/usage"));
    assertThat(check("get", one, hub.get("/api/admin/quotas/tag/x"))).isEqualTo(404);
    HttpRequest.Builder delete = hub.request("/api/admin/quotas/node/w1").DELETE();
    check("delete", one, sent(delete));
  }

  private HttpResponse<String> put(String path, String body) throws Exception {
    return sent(hub.request(path).PUT(HttpRequest.BodyPublishers.ofString(body)));
  }

  private HttpResponse<String> sent(HttpRequest.Builder request) throws Exception {
    return hub.client.send(
        request.header("authorization", "Bearer admin").build(),
        HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void tellsTheTruthAboutErrors() throws Exception {
    hub.dispatch.script = job -> job.failed(Fault.of(Failure.QUEUE_FULL, "full"), false);
    String say = "{\"session_id\":\"s1\",\"message\":\"Hello\"}";
    assertThat(check("post", "/v1/chat/completions", hub.post(TestHub.CHAT, TestHub.HELLO)))
        .isEqualTo(429);
    assertThat(check("post", "/api/chat", hub.post("/api/chat", say))).isEqualTo(429);
    assertThat(check("post", "/v1/chat/completions", hub.post(TestHub.CHAT, "{}"))).isEqualTo(400);
    assertThat(check("post", "/api/chat", hub.post("/api/chat", "{}"))).isEqualTo(400);
    assertThat(check("post", "/api/show", hub.post("/api/show", "{}"))).isEqualTo(400);
    String unknown = TestHub.HELLO.replace("m1", "m9");
    assertThat(check("post", "/v1/chat/completions", hub.post(TestHub.CHAT, unknown)))
        .isEqualTo(404);
    assertThat(check("post", "/api/chat", hub.post("/api/chat", unknown))).isEqualTo(404);
    assertThat(check("get", "/v1/models/{id}", hub.get("/v1/models/m9"))).isEqualTo(404);
    assertThat(check("get", "/api/sessions/{id}", hub.get("/api/sessions/x"))).isEqualTo(404);
    assertThat(check("get", "/api/workers/{id}", hub.get("/api/workers/x"))).isEqualTo(404);
    healthy = false;
    assertThat(check("get", "/health", hub.get("/health"))).isEqualTo(503);
    hub.models.models = List.of();
    assertThat(check("post", "/v1/chat/completions", hub.post(TestHub.CHAT, unknown)))
        .isEqualTo(503);
  }

  /** Holds an answer against what the document says of its operation, status and type. */
  private int check(String method, String path, HttpResponse<String> response) {
    String where = method + " " + path + " " + response.statusCode();
    JsonObject operation =
        document.getJsonObject("paths").getJsonObject(path).getJsonObject(method);
    JsonObject answer =
        resolved(operation.getJsonObject("responses").getJsonObject("" + response.statusCode()));
    assertThat(answer).as(where).isNotNull();
    assertThat(response.headers().firstValue("x-request-id")).as(where).isPresent();
    String type = response.headers().firstValue("content-type").orElseThrow().split(";")[0];
    JsonObject media = answer.getJsonObject("content").getJsonObject(type);
    assertThat(media).as(where + " " + type).isNotNull();
    if (type.equals("application/json")) {
      fits(new JsonObject(response.body()), media.getJsonObject("schema"));
    }
    return response.statusCode();
  }

  private JsonObject resolved(JsonObject object) {
    if (object == null || !object.containsKey("$ref")) {
      return object;
    }
    JsonObject target = document;
    for (String step : object.getString("$ref").substring(2).split("/")) {
      target = target.getJsonObject(step);
    }
    return target;
  }

  private void fits(Object value, JsonObject schema) {
    JsonObject absolute =
        new JsonObject(schema.encode().replace("\"#/components", "\"" + URI + "#/components"));
    OutputUnit result = schemas.validator(JsonSchema.of(absolute)).validate(value);
    assertThat(result.getValid())
        .as(() -> schema.encode() + "\n" + value + "\n" + result.getErrors())
        .isTrue();
  }

  private static void each(Object node, BiConsumer<String, Object> visitor) {
    if (node instanceof JsonObject object) {
      for (Map.Entry<String, Object> entry : object) {
        visitor.accept(entry.getKey(), entry.getValue());
        each(entry.getValue(), visitor);
      }
    } else if (node instanceof JsonArray array) {
      array.forEach(element -> each(element, visitor));
    }
  }

  private HttpResponse<String> delete(String path) throws Exception {
    HttpRequest request = hub.request(path).DELETE().build();
    return hub.client.send(request, HttpResponse.BodyHandlers.ofString());
  }

  private List<ApiRoutes> features(Vertx vertx, Database database) {
    admin = new AdminParts(vertx, database);
    List<ApiRoutes> features = new ArrayList<>(TestDatabase.await(admin.start(data)));
    features.add(new NodeSocketRoutes(null));
    features.add(new IdentityApi(null, new AnyAdmin(), 60_000, "key", (type, event) -> {}));
    features.add(quotas(vertx, database));
    features.addAll(events(vertx, database));
    features.add(TaskRoutes.of(vertx, admin.bus(), database));
    return features;
  }

  private static QuotaApi quotas(Vertx vertx, Database database) {
    Limits nodes = new Limits(30, 200_000, 3, 2);
    Quotas quotas =
        new Quotas(
            vertx,
            database,
            "hub-1",
            new Quotas.Options(nodes, Limits.UNLIMITED, 1_000, 30_000),
            Quotas.Nodes.of(node -> null, node -> Set.of()),
            (type, data) -> {},
            System::nanoTime);
    TestDatabase.await(quotas.start());
    TestDatabase.await(
        quotas
            .reserve(Principal.node("w1"), nodes, new Demand(10, true), "r")
            .onSuccess(hold -> hold.settle(7)));
    return new QuotaApi(quotas, new AnyAdmin(), () -> {}, (type, data) -> {}, Clock.systemUTC());
  }

  private List<ApiRoutes> events(Vertx vertx, Database database) {
    Settings settings = Settings.load(Role.HUB, Map.of("DATA_DIR", data.toString()), data);
    Events events = new Events("hub-1", event -> {}, Clock.systemUTC());
    TestGuard guard = new TestGuard();
    EventsFeature told =
        new EventsFeature(
            vertx,
            settings,
            "hub-1",
            database,
            new SomeNodes(),
            events,
            guard,
            guard,
            () -> true,
            Clock.systemUTC());
    SomeNodes fleet = new SomeNodes().with(SomeNodes.online("w1", "m"));
    return List.of(
        told,
        new HistoryRoutes(
            new NodeHistory(vertx, settings, database, fleet, () -> true, Clock.systemUTC()),
            fleet,
            guard,
            Clock.systemUTC()),
        new WebhooksFeature(
            vertx,
            settings,
            database,
            told.feed(),
            events,
            guard,
            () -> true,
            "1.2.3",
            Clock.systemUTC()),
        new Companions(new SomeNodes(), null, Duration.ofSeconds(1)));
  }

  private Consumer<Router> ops(Vertx vertx) {
    SomeNodes fleet =
        new SomeNodes()
            .with(SomeNodes.online("a", "m"))
            .with(
                SomeNodes.view(
                    SomeNodes.info("b", "m"), NodeState.OFFLINE, new StateCause.MemberLeft()));
    ExpectedWorkers expected =
        new ExpectedWorkers(
            vertx,
            List.of("http://10.9.8.7:3001"),
            Duration.ofSeconds(10),
            fleet,
            Clock.systemUTC());
    HubView view =
        new HubView(
            "hub-1",
            new BuildInfo("1.2.3", null),
            System.currentTimeMillis(),
            fleet,
            expected,
            () -> SomeNodes.SAMPLE,
            LoopLag.start(vertx),
            Clock.systemUTC());
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    JsonObject setting = new JsonObject().put("value", "3000").put("source", "default");
    return new OpsApi(
            vertx,
            view,
            new HubHealth(
                vertx,
                view,
                () -> healthy ? Future.succeededFuture() : Future.failedFuture("gone"),
                () -> new ClusterStatus(true, 2, null),
                data,
                () -> false),
            registry,
            new HubMetrics(registry, fleet, System::nanoTime, Clock.systemUTC()),
            () -> new JsonObject().put("ROOT_NODE_PORT", setting),
            Access.open(),
            Access.open())
        ::routes;
  }
}
