package io.muster.worker.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.job.Job;
import io.muster.metric.Sample;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeType;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.health.HealthReport;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.Access;
import io.muster.runtime.ops.BuildInfo;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpsVerticleIT {
  private static final ModelInfo MODEL = new ModelInfo("demo", "demo", "muster", 0, 8192);
  private static final Sample SAMPLE =
      new Sample(
          1_000, 4, 0.25, -1, 8_000, 4_000, 0, 0, 100_000, 60_000, 500, 700, 12, 0.05, 200, 50, 100,
          5_000);

  private final Vertx vertx = Vertx.vertx();
  private final FakeStatus status = new FakeStatus();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final WorkerMetrics metrics = new WorkerMetrics(registry, System::nanoTime);
  private final HttpClient client = HttpClient.newHttpClient();
  private OpsVerticle ops;

  @TempDir private Path data;

  @BeforeEach
  void start() throws Exception {
    serve(HttpLimits.DEFAULT, Access.loopbackOrTokens(List.of()));
  }

  @AfterEach
  void stop() throws Exception {
    get(vertx.close());
  }

  @Test
  void aWorkerThatCanWorkIsHealthy() throws Exception {
    // A machine under load may be late at first, which is told for ten seconds.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> call("/health").body().startsWith("{\"status\":\"healthy\""));
    JsonObject health = new JsonObject(call("/health").body());
    assertThat(health.getString("id")).isEqualTo("w1");
    assertThat(health.getJsonArray("checks").stream().map(c -> ((JsonObject) c).getString("name")))
        .containsExactly("hub", "providers", "disk", "event-loop", "process", "echo");
    assertThat(call("/health/ready").statusCode()).isEqualTo(200);
    assertThat(call("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void aWorkerWithoutAHubIsNotReadyButAlive() throws Exception {
    status.hubs.clear();
    assertThat(call("/health").statusCode()).isEqualTo(503);
    assertThat(call("/health/ready").statusCode()).isEqualTo(503);
    assertThat(call("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void aDrainingWorkerTakesNothingMore() throws Exception {
    status.draining = true;
    assertThat(new JsonObject(call("/health").body()).getString("status")).isEqualTo("degraded");
    HttpResponse<String> ready = call("/health/ready");
    assertThat(ready.statusCode()).isEqualTo(503);
    assertThat(new JsonObject(ready.body()).getString("status")).isEqualTo("DOWN");
  }

  @Test
  void informationSaysWhatTheWorkerIsAndDoes() throws Exception {
    metrics.started(Job.Kind.CHAT, MODEL).completed();
    JsonObject info = new JsonObject(call("/info").body());
    assertThat(info.getString("id")).isEqualTo("w1");
    assertThat(info.getString("name")).isEqualTo("Worker One");
    assertThat(info.getString("location")).isEqualTo("Beijing");
    assertThat(info.getString("version")).isEqualTo("1.2.3");
    assertThat(info.getJsonArray("models").getJsonObject(0).getString("id")).isEqualTo("demo");
    assertThat(info.getJsonArray("hubs").getJsonObject(0).getString("id")).isEqualTo("hub-1");
    assertThat(info.getJsonArray("providers").getJsonObject(0).getBoolean("reachable")).isTrue();
    assertThat(info.getJsonObject("jobs").getLong("completed")).isEqualTo(1);
    assertThat(info.getJsonObject("jobs").getDouble("error_rate")).isZero();
    assertThat(info.getJsonObject("system").getValue("load")).isNull();
    assertThat(info.getJsonObject("settings").getString("OPENAI_API_KEY")).isEqualTo("***");
  }

  @Test
  void prometheusReadsWhatTheNodeIsAskedFor() throws Exception {
    metrics.started(Job.Kind.CHAT, MODEL).completed();
    HttpResponse<String> answer = call("/metrics");
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
    assertThat(answer.body())
        .contains("muster_machine_cpu_ratio 0.25")
        .contains("muster_machine_load1 NaN")
        .contains("muster_machine_memory_used_bytes 4000")
        .contains("muster_machine_network_receive_bytes_total 500")
        .contains("muster_machine_connections 12")
        .contains("muster_worker_response_time_seconds{percentile=\"95\"}")
        .contains("muster_worker_error_ratio 0")
        .contains("gen_ai_client_operation_duration_seconds_bucket{")
        .contains("muster_http_connections 1")
        .endsWith("\n");
  }

  @Test
  void theInsideIsForTheMachineItselfOrWithAToken() throws Exception {
    serve(HttpLimits.DEFAULT, Access.loopbackOrTokens(List.of("token")));
    for (String path : List.of("/info", "/metrics")) {
      assertThat(call(path).statusCode()).isEqualTo(200);
      assertThat(call(path, "x-forwarded-for", "203.0.113.9").statusCode()).isEqualTo(401);
      assertThat(
              call(path, "x-forwarded-for", "203.0.113.9", "authorization", "Bearer token")
                  .statusCode())
          .isEqualTo(200);
    }
    assertThat(call("/health", "x-forwarded-for", "203.0.113.9").statusCode()).isEqualTo(200);
  }

  @Test
  void aPageWhoseNamePointsHereSeesNothingOfTheInside() throws Exception {
    serve(HttpLimits.DEFAULT, Access.loopbackOrTokens(List.of()));
    for (String host : List.of("localhost:1", "127.0.0.1", "[::1]:1")) {
      assertThat(answerTo("/info", host)).as(host).startsWith("HTTP/1.1 200");
    }
    assertThat(answerTo("/info", "rebound.example:3001")).startsWith("HTTP/1.1 401");
    assertThat(answerTo("/health/live", "rebound.example:3001")).startsWith("HTTP/1.1 200");
  }

  private String answerTo(String path, String host) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", ops.actualPort())) {
      socket.setSoTimeout(5_000);
      String request =
          "GET " + path + " HTTP/1.1\r\nhost: " + host + "\r\nconnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void whatIsNotThereAndWhatIsNotAllowedIsToldInJson() throws Exception {
    HttpResponse<String> missing = call("/nothing");
    assertThat(missing.statusCode()).isEqualTo(404);
    assertThat(new JsonObject(missing.body()).getJsonObject("error").getString("code"))
        .isEqualTo("not_found");
    HttpResponse<String> wrong =
        client.send(
            HttpRequest.newBuilder(uri("/health"))
                .method("DELETE", HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(wrong.statusCode()).isEqualTo(405);
    HttpResponse<String> body =
        client.send(
            HttpRequest.newBuilder(uri("/health"))
                .method("GET", HttpRequest.BodyPublishers.ofString("hello"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(body.statusCode()).isEqualTo(413);
  }

  @Test
  void aWorkerThatDoesNotKnowItselfYetSaysThatItStarts() throws Exception {
    status.known = false;
    for (String path : List.of("/health", "/health/ready", "/info", "/metrics")) {
      HttpResponse<String> early = call(path);
      assertThat(early.statusCode()).isEqualTo(503);
      assertThat(early.body()).contains("starting");
      assertThat(early.headers().firstValue("retry-after")).isPresent();
    }
    assertThat(call("/health/live").statusCode()).isEqualTo(200);
  }

  @Test
  void anIdleConnectionIsClosedAfterAnAnswerToo() throws Exception {
    serve(new HttpLimits(10, 8192, Duration.ofMillis(400)), Access.open());
    try (Socket socket = new Socket("127.0.0.1", ops.actualPort())) {
      socket.setSoTimeout(10_000);
      ask(socket);
      assertThat(ends(socket)).isTrue();
    }
  }

  @Test
  void bigHeadersAreRefused() throws Exception {
    assertThat(call("/health", "x-big", "x".repeat(20_000)).statusCode()).isEqualTo(431);
  }

  @Test
  void aClientThatDripsItsRequestIsCutOff() throws Exception {
    serve(new HttpLimits(10, 8192, Duration.ofMillis(400)), Access.open());
    try (Socket socket = new Socket("127.0.0.1", ops.actualPort())) {
      OutputStream out = socket.getOutputStream();
      out.write("GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ".getBytes(StandardCharsets.UTF_8));
      out.flush();
      long drip =
          vertx.setPeriodic(
              50,
              timer -> {
                try {
                  out.write('x');
                } catch (java.io.IOException e) {
                  vertx.cancelTimer(timer);
                }
              });
      socket.setSoTimeout(5_000);
      assertThat(ends(socket)).isTrue();
      vertx.cancelTimer(drip);
    }
  }

  @Test
  void connectionsBeyondTheLimitAreClosed() throws Exception {
    serve(new HttpLimits(2, 8192, Duration.ofSeconds(10)), Access.open());
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < 2; i++) {
        Socket socket = new Socket("127.0.0.1", ops.actualPort());
        socket.setSoTimeout(5_000);
        sockets.add(socket);
        // An answer shows that the server has taken the connection.
        ask(socket);
      }
      try (Socket third = new Socket("127.0.0.1", ops.actualPort())) {
        third.setSoTimeout(5_000);
        assertThat(ends(third)).isTrue();
      }
      sockets.remove(0).close();
      await()
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(() -> assertThat(call("/health/live").statusCode()).isEqualTo(200));
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static void ask(Socket socket) throws Exception {
    socket
        .getOutputStream()
        .write("GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    assertThat(socket.getInputStream().read()).isEqualTo('H');
  }

  private static boolean ends(Socket socket) {
    try {
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {
        // An error's answer may come before the end.
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (java.io.IOException e) {
      return true;
    }
  }

  private void serve(HttpLimits limits, Access readers) throws Exception {
    PrometheusMeterRegistry meters =
        ops == null ? registry : new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    WorkerView worker =
        new WorkerView(
            new BuildInfo("1.2.3", null),
            System.currentTimeMillis(),
            status,
            () -> SAMPLE,
            LoopLag.start(vertx),
            data,
            Clock.systemUTC());
    ops =
        new OpsVerticle(
            "127.0.0.1",
            0,
            limits,
            worker,
            meters,
            metrics,
            () -> new JsonObject().put("OPENAI_API_KEY", "***"),
            readers);
    get(vertx.deployVerticle(ops));
  }

  private HttpResponse<String> call(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(5));
    if (headers.length > 0) {
      request.headers(headers);
    }
    try {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    } catch (java.io.IOException e) {
      throw new AssertionError(path + " was not answered", e);
    }
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + ops.actualPort() + path);
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static final class FakeStatus implements WorkerStatus {
    private volatile boolean known = true;

    @Override
    public boolean isKnown() {
      return known;
    }

    @Override
    public JsonObject features() {
      return new JsonObject().put("echo", new JsonObject().put("on", true));
    }

    @Override
    public Future<HealthReport> health() {
      return Future.failedFuture("asked of the verticle");
    }

    @Override
    public List<HealthCheck> featuresHealth() {
      return List.of(HealthCheck.of("echo", () -> Finding.healthy(null)));
    }

    private final List<HubSeen> hubs = new ArrayList<>(List.of(new HubSeen("hub-1", null, 1_000)));
    private volatile boolean draining;

    @Override
    public NodeInfo info() {
      return new NodeInfo(
          "w1",
          "w1-process",
          null,
          "Worker One",
          "Beijing",
          NodeType.WORKER,
          "1.2.3",
          500,
          List.of("chat"),
          List.of(),
          List.of(MODEL),
          null,
          "http://127.0.0.1:3001",
          null,
          64,
          null,
          Map.of());
    }

    @Override
    public boolean draining() {
      return draining;
    }

    @Override
    public List<HubSeen> hubs() {
      return List.copyOf(hubs);
    }

    @Override
    public List<ProviderSeen> providers() {
      return List.of(new ProviderSeen("demo", 1, true, null));
    }
  }
}
