package io.muster.hub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.hub.metrics.HubMetrics;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.NodeState;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.BuildInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpsApiIT {
  private final Vertx vertx = Vertx.vertx();
  private final SomeNodes fleet = new SomeNodes().with(SomeNodes.online("a", "m"));
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HubMetrics metrics =
      new HubMetrics(registry, fleet, System::nanoTime, Clock.systemUTC());
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Future<Void> database = Future.succeededFuture();
  private ClusterStatus cluster = new ClusterStatus(true, 2, null);
  private List<String> workers = List.of("http://10.9.8.7:3001");
  private boolean stopping;
  private OpsApi ops;
  private int port;

  @TempDir private Path data;

  @BeforeEach
  void start() throws Exception {
    serve(Access.open(), Access.open());
  }

  @AfterEach
  void stop() throws Exception {
    ops.close();
    get(vertx.close());
  }

  @Test
  void aHubWithAllItsPartsIsHealthy() throws Exception {
    workers = List.of();
    serve(Access.open(), Access.open());
    // A machine under load may be late at first, which is told for ten seconds.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> call("/health").body().contains("\"status\":\"healthy\",\"checks\""));
    HttpResponse<String> answer = call("/health");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("application/json; charset=utf-8");
    assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
    JsonObject health = new JsonObject(answer.body());
    assertThat(health.getString("id")).isEqualTo("hub-1");
    assertThat(health.getJsonArray("checks").stream().map(c -> ((JsonObject) c).getString("name")))
        .containsExactly("database", "cluster", "workers", "event-loop", "disk", "process");
  }

  @Test
  void aHubWithoutItsDatabaseIsUnhealthyAndSaysNoMoreThanNeeded() throws Exception {
    database = Future.failedFuture("connect to db.internal:5432: refused");
    HttpResponse<String> answer = call("/health");
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(answer.body()).contains("\"unhealthy\"").doesNotContain("db.internal");
    HttpResponse<String> ready = call("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(ready.body()).getString("status")).isEqualTo("DOWN");
    assertThat(call("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void aDatabaseThatDoesNotAnswerIsUnhealthyInTime() throws Exception {
    database = Promise.<Void>promise().future();
    assertThat(call("/health").body()).contains("no answer in 2.0 s");
  }

  @Test
  void aHubWithoutWorkersIsReadyForThemButUnhealthy() throws Exception {
    fleet.without("a");
    assertThat(call("/health").statusCode()).isEqualTo(503);
    HttpResponse<String> ready = call("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(ready.body()).getString("status")).isEqualTo("UP");
  }

  @Test
  void aHubThatStopsIsNotReadyAndStillAnswers() throws Exception {
    stopping = true;
    assertThat(call("/health/ready").statusCode()).isEqualTo(503);
    HttpResponse<String> health = call("/health");
    assertThat(health.statusCode()).isEqualTo(200);
    assertThat(new JsonObject(health.body()).getString("status")).isEqualTo("degraded");
    assertThat(new JsonObject(call("/health/live").body()).getString("status")).isEqualTo("UP");
  }

  @Test
  void aHubOutsideOfItsClusterIsNotReady() throws Exception {
    cluster = new ClusterStatus(false, 0, "its own addresses do not answer");
    assertThat(call("/health/ready").statusCode()).isEqualTo(503);
  }

  @Test
  void headIsAnsweredWithoutABody() throws Exception {
    HttpResponse<String> answer =
        client.send(
            request("/health").method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEmpty();
  }

  @Test
  void informationShowsTheMaskedSettings() throws Exception {
    JsonObject info = new JsonObject(call("/info").body());
    assertThat(info.getString("name")).isEqualTo("muster-hub");
    assertThat(info.getString("version")).isEqualTo("1.2.3");
    assertThat(info.getString("commit")).isEqualTo("abc");
    assertThat(info.getString("hub_id")).isEqualTo("hub-1");
    assertThat(info.getLong("uptime_ms")).isNotNegative();
    assertThat(info.getJsonObject("java").getString("version")).isNotBlank();
    assertThat(info.getJsonObject("settings").getString("API_KEYS")).isEqualTo("***");
  }

  @Test
  void prometheusReadsTheMetrics() throws Exception {
    work();
    HttpResponse<String> answer = call("/metrics");
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    Promtool.check(answer.body(), data);
    assertThat(answer.body())
        .contains("gen_ai_server_request_duration_seconds_bucket")
        .contains("muster_node_cpu_ratio{node=\"a\"} 0.25")
        .contains("muster_machine_memory_used_bytes 4000")
        .contains("muster_nodes{state=\"online\"} 1")
        .contains("muster_workers_missing 1")
        .contains("muster_build_info{commit=\"abc\"")
        .contains("jvm_memory_used_bytes")
        .contains("process_uptime_seconds");
  }

  @Test
  void openMetricsIsToldToThoseWhoAcceptIt() throws Exception {
    work();
    HttpResponse<String> answer =
        client.send(
            request("/metrics")
                .header(
                    "accept",
                    "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(answer.body()).endsWith("# EOF\n").contains("muster_requests_total{");
  }

  @Test
  void metricsAreToldToPeopleToo() throws Exception {
    work();
    JsonObject all = new JsonObject(call("/api/metrics").body());
    JsonObject hub = all.getJsonObject("hub");
    assertThat(hub.fieldNames())
        .contains(
            "id",
            "version",
            "since",
            "uptime_ms",
            "requests",
            "completed",
            "errors",
            "cancelled",
            "retries",
            "in_flight",
            "queued",
            "streams",
            "failures",
            "latency_ms",
            "first_token_ms",
            "tokens",
            "http",
            "process",
            "system");
    assertThat(hub.getLong("requests")).isEqualTo(2);
    assertThat(hub.getLong("errors")).isEqualTo(1);
    assertThat(hub.getJsonObject("failures").getLong("provider_error")).isEqualTo(1);
    assertThat(hub.getJsonObject("tokens").getLong("total")).isEqualTo(10);
    assertThat(hub.getJsonObject("latency_ms").getDouble("p99")).isPositive();
    assertThat(hub.getJsonObject("http").getJsonObject("responses").fieldNames())
        .containsExactly("1xx", "2xx", "3xx", "4xx", "5xx");
    JsonObject worker = all.getJsonArray("workers").getJsonObject(0);
    assertThat(worker.fieldNames())
        .containsExactly(
            "id",
            "name",
            "status",
            "status_reason",
            "since",
            "requests",
            "completed",
            "errors",
            "retries",
            "cancelled",
            "active",
            "latency_ms",
            "first_token_ms",
            "tokens",
            "last_error",
            "system");
    assertThat(worker.getLong("requests")).isEqualTo(2);
    assertThat(worker.getJsonObject("last_error").getString("message")).isEqualTo("it broke");
    assertThat(worker.getJsonObject("system").getDouble("cpu")).isEqualTo(0.25);
  }

  @Test
  void everyWorkerIsListedTheMissingOnesToo() throws Exception {
    fleet.with(
        SomeNodes.view(SomeNodes.info("b", "m"), NodeState.OFFLINE, new StateCause.MemberLeft()));
    JsonObject all = new JsonObject(call("/api/workers").body());
    assertThat(all.getInteger("total")).isEqualTo(3);
    assertThat(all.getInteger("online")).isEqualTo(1);
    JsonObject a = all.getJsonArray("workers").getJsonObject(0);
    JsonObject b = all.getJsonArray("workers").getJsonObject(1);
    JsonObject missing = all.getJsonArray("workers").getJsonObject(2);
    assertThat(a.getString("status")).isEqualTo("online");
    assertThat(a.getJsonObject("config").getInteger("max_concurrent_tasks")).isEqualTo(4);
    assertThat(a.getJsonObject("stats").getLong("total")).isEqualTo(16);
    assertThat(a.getJsonArray("models").getJsonObject(0).getString("provider")).isEqualTo("demo");
    assertThat(b.getString("status")).isEqualTo("offline");
    assertThat(b.getString("status_reason")).isEqualTo("member left the cluster");
    assertThat(missing.getString("status")).isEqualTo("unknown");
    assertThat(missing.getString("status_reason")).startsWith("named in WORKERS, not on the bus");
    assertThat(missing.fieldNames()).isEqualTo(a.fieldNames());
  }

  @Test
  void oneWorkerIsShownByItsId() throws Exception {
    JsonObject a = new JsonObject(call("/api/workers/a").body());
    assertThat(a.getString("id")).isEqualTo("a");
    assertThat(a.getString("endpoint")).isEqualTo("http://127.0.0.1:3001");
    assertThat(call("/api/workers/10.9.8.7:3001").statusCode()).isEqualTo(200);
    HttpResponse<String> nobody = call("/api/workers/nobody");
    assertThat(nobody.statusCode()).isEqualTo(404);
    assertThat(new JsonObject(nobody.body()).getJsonObject("error").getString("code"))
        .isEqualTo("worker_not_found");
  }

  @Test
  void withKeysTheInsideIsForThoseWhoHaveOne() throws Exception {
    serve(
        Access.tokens(List.of("secret-key")),
        Access.loopbackOrTokens(List.of("secret-key", "metrics-token", " ")));
    for (String path : List.of("/info", "/api/workers", "/api/workers/a")) {
      HttpResponse<String> refused = call(path);
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("www-authenticate")).hasValue("Bearer");
      assertThat(call(path, "authorization", "Bearer secret-key").statusCode()).isEqualTo(200);
      assertThat(call(path, "x-api-key", "secret-key").statusCode()).isEqualTo(200);
      assertThat(call(path, "authorization", "Bearer metrics-token").statusCode()).isEqualTo(401);
    }
    for (String path : List.of("/health", "/health/live", "/health/ready")) {
      assertThat(call(path).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void metricsAreForTheMachineItselfButNotForThoseBehindAProxyOnIt() throws Exception {
    serve(Access.open(), Access.loopbackOrTokens(List.of("metrics-token", " ")));
    for (String path : List.of("/metrics", "/api/metrics")) {
      assertThat(call(path).statusCode()).isEqualTo(200);
      assertThat(call(path, "x-forwarded-for", "203.0.113.9").statusCode()).isEqualTo(401);
      assertThat(
              call(path, "x-forwarded-for", "203.0.113.9", "authorization", "bearer metrics-token")
                  .statusCode())
          .isEqualTo(200);
      assertThat(call(path, "forwarded", "for=203.0.113.9", "x-api-key", " ").statusCode())
          .isEqualTo(401);
    }
  }

  private void work() {
    Job job = new Job("1", "1", Job.Kind.CHAT, "m", true, null, 5, 1000, new byte[0]);
    metrics.submitted(job);
    metrics.attempted(job, "a", 1);
    metrics.firstToken(job, "a", 1_000_000);
    metrics.completed(job, "a", new Usage(4, 6, false), 9_000_000);
    metrics.submitted(job);
    metrics.attempted(job, "a", 1);
    metrics.attemptFailed(job, "a", Fault.of(Failure.PROVIDER_ERROR, "it broke"), 5);
    metrics.failed(job, "a", Fault.of(Failure.PROVIDER_ERROR, "it broke"), 5);
  }

  private void serve(Access api, Access readers) throws Exception {
    Promise<HttpServer> served = Promise.promise();
    PrometheusMeterRegistry meters =
        ops == null ? registry : new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    vertx.runOnContext(
        v -> {
          ExpectedWorkers expected =
              new ExpectedWorkers(vertx, workers, Duration.ofSeconds(10), fleet, Clock.systemUTC());
          HubView hub =
              new HubView(
                  "hub-1",
                  new BuildInfo("1.2.3", "abc"),
                  System.currentTimeMillis(),
                  fleet,
                  expected,
                  () -> SomeNodes.SAMPLE,
                  LoopLag.start(vertx),
                  Clock.systemUTC());
          HubHealth health =
              new HubHealth(vertx, hub, () -> database, () -> cluster, data, () -> stopping);
          ops =
              new OpsApi(
                  vertx,
                  hub,
                  health,
                  meters,
                  metrics,
                  () -> new JsonObject().put("API_KEYS", "***"),
                  api,
                  readers);
          Router router = Router.router(vertx);
          ops.routes(router);
          vertx.createHttpServer().requestHandler(router).listen(0, "127.0.0.1").onComplete(served);
        });
    port = get(served.future()).actualPort();
  }

  private HttpResponse<String> call(String path, String... headers) throws Exception {
    HttpRequest.Builder request = request(path);
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
        .timeout(Duration.ofSeconds(10));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
