package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The node's own routes of containers, over a real engine. */
class ContainerRoutesIT {
  private static final String NODE = "container-routes-it";
  private static final String ALL = "/api/v1/containers";

  @TempDir Path folder;
  private final HttpClient client = HttpClient.newHttpClient();
  private TestEngine engine;
  private TestNode node;

  @BeforeEach
  void start() {
    engine = TestEngine.get();
    engine.removeAllOf(NODE);
    node = new TestNode(NODE, folder, engine, Map.of("CONTAINER_GPUS", "0,1"));
    await().atMost(Duration.ofSeconds(20)).until(node::isUp);
  }

  @AfterEach
  void stop() {
    if (node != null) {
      node.close();
      engine.removeAllOf(NODE);
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://" + node.address() + path))
        .timeout(Duration.ofSeconds(60))
        .header("Authorization", "Bearer " + TestNode.TOKEN);
  }

  private HttpResponse<String> call(String method, String path, String body) throws Exception {
    HttpRequest.BodyPublisher sent =
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(body);
    return client.send(
        request(path).method(method, sent).build(), HttpResponse.BodyHandlers.ofString());
  }

  private JsonObject json(int status, String method, String path, String body) throws Exception {
    HttpResponse<String> answer = call(method, path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    return new JsonObject(answer.body());
  }

  /** The reference's body, with an image that is there. */
  private static String claim(String claimId, String script, String more) {
    return """
        {"claim_id":"%s","image":"%s","gpu_ids":[0,1],
         "port_mappings":[{"host_port":0,"container_port":8888}],
         "env_vars":["NVIDIA_VISIBLE_DEVICES=0,1","SECRET=hidden"],
         "command":["/bin/sh","-c","%s"]%s}
        """
        .formatted(claimId, TestEngine.IMAGE, script, more);
  }

  @Test
  void aContainersWholeLife() throws Exception {
    String body = claim("claim-123", "echo up; exec sleep 1000", ",\"memory\":\"64m\"");
    JsonObject made = json(201, "POST", ALL, body);
    assertThat(made.getString("claim_id")).isEqualTo("claim-123");
    assertThat(made.getString("state")).isEqualTo("running");
    assertThat(made.getJsonArray("gpu_ids").getList()).containsExactly(0, 1);
    assertThat(made.getJsonArray("port_mappings").getJsonObject(0).getInteger("host_port"))
        .isPositive();
    String id = made.getString("container_id");

    assertThat(json(200, "POST", ALL, body).getString("container_id")).isEqualTo(id);
    JsonObject conflict = json(409, "POST", ALL, claim("claim-123", "true", ""));
    assertThat(conflict.getJsonObject("error").getString("param")).isEqualTo("claim_id");
    JsonObject taken = json(409, "POST", ALL, claim("claim-124", "true", ""));
    assertThat(taken.getJsonObject("error").getString("param")).isEqualTo("gpu_ids[0]");

    JsonObject all = json(200, "GET", ALL, null);
    assertThat(all.getInteger("total")).isEqualTo(1);
    JsonObject one = json(200, "GET", ALL + "/" + id.substring(0, 12), null);
    assertThat(one.getJsonObject("engine").getJsonObject("limits").getLong("memory"))
        .isEqualTo(64L << 20);
    assertThat(all.encode() + one.encode()).contains("SECRET").doesNotContain("hidden");
    JsonObject stats = json(200, "GET", ALL + "/claim-123/stats", null);
    assertThat(stats.getJsonObject("stats").getJsonObject("memory").getLong("limit"))
        .isEqualTo(64L << 20);

    JsonObject stopped = json(200, "POST", ALL + "/claim-123/stop?grace=0", null);
    assertThat(stopped.getString("state")).isEqualTo("stopped");
    assertThat(json(409, "GET", ALL + "/claim-123/stats", null).encode()).contains("not run");
    json(200, "POST", ALL + "/claim-123/restart?grace=0", null);
    await()
        .until(
            () -> json(200, "GET", ALL + "/claim-123", null).getString("state").equals("running"));
    json(200, "DELETE", ALL + "/claim-123?grace=0", null);
    json(404, "GET", ALL + "/claim-123", null);
    json(404, "DELETE", ALL + "/claim-123", null);
    assertThat(engine.containersOf(NODE)).isEmpty();
    assertThat(json(200, "GET", ALL, null).getInteger("total")).isZero();
  }

  @Test
  void whatAContainerWritesIsFollowedUntilItEnds() throws Exception {
    json(
        201,
        "POST",
        ALL,
        claim("talks", "mkfifo /tmp/go; echo one; read go < /tmp/go; echo two", ""));
    HttpResponse<java.io.InputStream> stream =
        client.send(
            request(ALL + "/talks/logs?tail=-1").build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(stream.statusCode()).isEqualTo(200);
    assertThat(stream.headers().firstValue("content-type")).hasValue("text/event-stream");
    List<String> lines = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (line.contains("\"text\":\"one\"")) {
          // It is told while it still runs.
          engine.exec(node.claim("talks").containerId(), "echo go > /tmp/go");
        }
      }
    }
    assertThat(lines)
        .contains("event: state", "event: log")
        .anyMatch(line -> line.contains("\"running\""))
        .anyMatch(line -> line.contains("\"text\":\"two\""));
    assertThat(call("GET", ALL + "/talks/logs?follow=false&tail=1", null).body())
        .contains("two")
        .doesNotContain("\"one\"");
  }

  @Test
  void aReaderThatGoesAwayLeavesNothingOpen() throws Exception {
    json(201, "POST", ALL, claim("endless", "while :; do echo line; done", ""));
    for (int i = 0; i < 3; i++) {
      try (var body =
          client
              .send(
                  request(ALL + "/endless/logs?tail=-1").build(),
                  HttpResponse.BodyHandlers.ofInputStream())
              .body()) {
        assertThat(body.readNBytes(100_000)).hasSize(100_000);
      }
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> node.meters.get("muster.containers.followers").gauge().value() == 0);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                Thread.getAllStackTraces().values().stream()
                    .noneMatch(
                        stack ->
                            List.of(stack).stream()
                                .anyMatch(frame -> frame.getClassName().endsWith("LogLines"))));
  }

  @Test
  void withoutTheTokenNothingIsDone() throws Exception {
    for (String method : List.of("GET", "POST", "DELETE")) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + node.address() + ALL))
                  .method(method, HttpRequest.BodyPublishers.ofString(claim("x", "true", "")))
                  .header("Authorization", "Bearer no-token")
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(401);
    }
    assertThat(engine.containersOf(NODE)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'{}' | claim_id",
        "'{\"claim_id\":\"../x\",\"image\":\"i\"}' | claim_id",
        "'{\"claim_id\":\"c\"}' | image",
        "'{\"claim_id\":\"c\",\"image\":\"i\",\"gpu_ids\":[9]}' | gpu_ids[0]",
        "'{\"claim_id\":\"c\",\"image\":\"i\",\"gpu_ids\":\"all\"}' | gpu_ids",
        "'{\"claim_id\":\"c\",\"image\":\"i\",\"port_mappings\":[{\"host_port\":1}]}'"
            + " | port_mappings[0].container_port",
        "'{\"claim_id\":\"c\",\"image\":\"i\",\"env_vars\":[\"A\"]}' | env_vars[0]",
        "'{\"claim_id\":\"c\",\"image\":\"i\",\"memory\":\"16777217t\"}' | memory",
        "'{\"claim_id\":\"c\",\"image\":\"i\",\"security_opt\":[\"seccomp=unconfined\"]}'"
            + " | security_opt",
      })
  void whatIsWrongIsNamed(String body, String field) throws Exception {
    JsonObject error = json(400, "POST", ALL, body).getJsonObject("error");
    assertThat(error.getString("param")).isEqualTo(field);
    assertThat(error.getString("code")).isEqualTo("invalid_value");
    assertThat(engine.containersOf(NODE)).isEmpty();
  }

  @Test
  void whatTheOwnerDoesNotAllowIsForbidden() throws Exception {
    JsonObject error =
        json(403, "POST", ALL, claim("c", "true", ",\"privileged\":true")).getJsonObject("error");
    assertThat(error.getString("param")).isEqualTo("privileged");
    assertThat(error.getString("message")).contains("CONTAINER_ALLOW");
    json(400, "POST", ALL, "[]");
    json(400, "POST", ALL, "{\"claim_id\":");
    json(400, "POST", ALL + "/none/stop?grace=-1", null);
    json(404, "POST", ALL + "/none/stop", null);
    json(404, "GET", ALL + "/none/logs", null);
    json(404, "GET", ALL + "/none/stats", null);
  }
}
