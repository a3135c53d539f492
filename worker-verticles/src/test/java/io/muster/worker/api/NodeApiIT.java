package io.muster.worker.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.process.StartRefused;
import io.muster.worker.feature.NodeFeature;
import io.muster.worker.feature.SomeNode;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeApiIT {
  private static final String TOKEN = "a-token-of-the-owner";

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = HttpClient.newHttpClient();
  private SomeNode node;
  private NodeApiFeature api;

  @TempDir private Path data;

  @BeforeEach
  void settings() {
    node =
        new SomeNode(vertx, data)
            .with("NODE_API_LISTEN", "127.0.0.1:0")
            .with("PHOENIX_AUTH_TOKEN", TOKEN)
            .with("NODE_API_MAX_BODY_BYTES", "2000");
    node.health.add(HealthCheck.of("gpu", () -> Finding.degraded("GPU 0: lost")));
  }

  @AfterEach
  void stop() throws Exception {
    if (api != null) {
      get(api.stop());
    }
    get(vertx.close());
  }

  private void start() throws Exception {
    api = new NodeApiFeature(node.context(), List.of(new Things()));
    get(api.start());
  }

  @Test
  void metricsAnswerAsInTheReference() throws Exception {
    start();
    assertThat(call("GET", "/api/v1/metrics").statusCode()).isEqualTo(503);

    Gpu gpu =
        new Gpu(
            0,
            "u",
            "NVIDIA RTX 4090",
            65,
            24_576L << 20,
            1_024L << 20,
            .15,
            300,
            false,
            null,
            null);
    node.sample =
        new Sample(
                1_000, 4, 0.255, -1, 1_000, 602, 0, 0, 100_000, 60_000, 500, 700, 12, 0.05, 200, 50,
                100, 5_000)
            .with(List.of(gpu, gpu.failed(1, "lost")));
    HttpResponse<String> response = call("GET", "/api/v1/metrics");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body().strip())
        .isEqualTo(
            "{\"node_id\":\"node-1\",\"cpu_usage_percent\":25.5,\"memory_usage_percent\":60.2,"
                + "\"gpus\":[{\"id\":0,\"temperature_c\":65,\"memory_total_mb\":24576,"
                + "\"memory_used_mb\":1024,\"name\":\"NVIDIA RTX 4090\",\"usage_percent\":15.0,"
                + "\"busy\":false}]}");
    JsonArray all = new JsonObject(call("GET", "/api/v1/system").body()).getJsonArray("gpus");
    assertThat(all.getJsonObject(0).getDouble("power_w")).isEqualTo(300);
    assertThat(all.getJsonObject(1).getString("problem")).isEqualTo("lost");
  }

  @Test
  void healthNeedsNoTokenAndTellsWhatIsDegraded() throws Exception {
    start();
    HttpResponse<String> response = send(request("/health").GET());

    assertThat(response.statusCode()).isEqualTo(200);
    JsonObject health = new JsonObject(response.body());
    assertThat(health.getString("status")).isEqualTo("degraded");
    assertThat(health.getJsonArray("checks").getJsonObject(0).getString("reason"))
        .isEqualTo("GPU 0: lost");
  }

  @Test
  void withoutTheTokenNothingIsToldNotEvenWhatThereIs() throws Exception {
    start();
    for (String path : List.of("/api/v1/metrics", "/api/v1/things", "/nowhere")) {
      assertThat(send(request(path).GET()).statusCode()).isEqualTo(401);
      assertThat(send(request(path).header("authorization", "Bearer wrong").GET()).statusCode())
          .isEqualTo(401);
    }
    HttpResponse<String> refused = send(request("/api/v1/metrics").GET());
    assertThat(refused.headers().firstValue("www-authenticate")).contains("Bearer");
    assertThat(error(refused).getString("message")).contains("DATA_DIR/api-token");
    assertThat(refused.body()).doesNotContain(TOKEN);
  }

  @Test
  void featuresBringRoutesWithBodiesThatAreChecked() throws Exception {
    start();
    assertThat(call("POST", "/api/v1/things", "{\"name\":\"x\"}").body().strip())
        .isEqualTo("{\"made\":\"x\"}");

    HttpResponse<String> unknown = call("POST", "/api/v1/things", "{\"nmae\":\"x\"}");
    assertThat(unknown.statusCode()).isEqualTo(400);
    assertThat(error(unknown).getString("param")).isEqualTo("nmae");
    assertThat(error(unknown).getString("message")).contains("known are name");

    for (String body : List.of("", "[1]", "{", "nul\u0000")) {
      HttpResponse<String> wrong = call("POST", "/api/v1/things", body);
      assertThat(wrong.statusCode()).isEqualTo(400);
      assertThat(error(wrong).getString("code")).isEqualTo("invalid_json");
    }
    HttpResponse<String> field = call("POST", "/api/v1/things", "{\"name\":\"\"}");
    assertThat(field.statusCode()).isEqualTo(400);
    assertThat(error(field).getString("param")).isEqualTo("name");
  }

  @Test
  void aFailureThatNobodyForesawSaysNothing() throws Exception {
    start();
    HttpResponse<String> response = call("GET", "/api/v1/things/broken");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).doesNotContain("secret").contains("internal_error");
  }

  @Test
  void bigBodiesUnknownPathsAndWrongMethodsAreRefused() throws Exception {
    start();
    HttpResponse<String> big =
        call("POST", "/api/v1/things", "{\"name\":\"" + "x".repeat(3_000) + "\"}");
    assertThat(big.statusCode()).isEqualTo(413);
    assertThat(error(big).getString("message")).contains("NODE_API_MAX_BODY_BYTES");

    assertThat(call("GET", "/api/v1/nothing").statusCode()).isEqualTo(404);
    assertThat(error(call("GET", "/nothing")).getString("code")).isEqualTo("not_found");

    HttpResponse<String> method = call("PUT", "/api/v1/things");
    assertThat(method.statusCode()).isEqualTo(405);
    assertThat(method.headers().firstValue("allow")).contains("POST");
    assertThat(error(method).getString("code")).isEqualTo("method_not_allowed");
    assertThat(call("DELETE", "/api/v1/metrics").headers().firstValue("allow"))
        .contains("GET, HEAD");
    assertThat(call("POST", "/api/v1/things/7").headers().firstValue("allow")).contains("GET");
  }

  @Test
  void theFirstStartMakesATokenThatNobodyElseReads() throws Exception {
    node.with("PHOENIX_AUTH_TOKEN", "");
    start();

    Path file = data.resolve("api-token");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    String token = Files.readString(file).strip();
    assertThat(token).hasSize(64);
    assertThat(
            send(request("/api/v1/nothing").header("authorization", "Bearer " + token).GET())
                .statusCode())
        .isEqualTo(404);
    get(api.stop());

    start();
    assertThat(Files.readString(file).strip()).isEqualTo(token);
    get(api.stop());

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(this::start)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StartRefused.class)
        .hasMessageContaining("chmod 600");
  }

  @Test
  void aPortThatWasAskedForAndIsTakenRefusesTheStart() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      node.with("NODE_API_LISTEN", "127.0.0.1:" + taken.getLocalPort());

      assertThatThrownBy(this::start)
          .hasCauseInstanceOf(StartRefused.class)
          .hasMessageContaining("NODE_API_LISTEN=127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("set another address");
    }
  }

  @Test
  void twoNodesOnOneMachineShareTheDefaultPort() throws Exception {
    node.with("NODE_API_LISTEN", "");
    start();
    // Of another Vert.x, as of another process: servers of one would share the port.
    Vertx other = Vertx.vertx();
    NodeApiFeature second =
        new NodeApiFeature(
            new SomeNode(other, data).with("PHOENIX_AUTH_TOKEN", TOKEN).context(), List.of());
    get(second.start());

    assertThat(second.info().getString("address"))
        .startsWith("127.0.0.1:")
        .isNotEqualTo(api.info().getString("address"));
    assertThat(get(second.health().get(0).find()).reason()).contains("/info");
    get(other.close());
  }

  private HttpResponse<String> call(String method, String path, String... body) throws Exception {
    return send(
        request(path)
            .header("authorization", "Bearer " + TOKEN)
            .method(
                method,
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body[0])));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + api.info().getString("address") + path))
        .timeout(Duration.ofSeconds(20));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static JsonObject error(HttpResponse<String> response) {
    return new JsonObject(response.body()).getJsonObject("error");
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  /** A feature with routes. */
  private static final class Things implements NodeFeature, NodeRoutes {
    @Override
    public String name() {
      return "things";
    }

    @Override
    public void mount(Router router, NodeApi api) {
      router
          .post("/api/v1/things")
          .handler(
              api.answer(
                  context -> {
                    String name = api.body(context, Set.of("name")).getString("name");
                    if (name.isEmpty()) {
                      throw ApiProblem.invalid("name", "must not be empty");
                    }
                    return Future.succeededFuture(
                        ApiReply.created(new JsonObject().put("made", name)));
                  }));
      router
          .get("/api/v1/things/:id")
          .handler(api.answer(context -> Future.failedFuture("the secret cause")));
    }
  }
}
