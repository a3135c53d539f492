package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** OpenAI's interface over real HTTP. */
class OpenAiApiIT {
  private static final String ANSWER = "{\"id\":\"c1\",\"choices\":[{\"message\":{}}]}";

  private TestHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = TestHub.start();
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  @Test
  void answersWithTheProvidersBytesAndSaysWhoAnswered() throws Exception {
    answering("worker-1", ANSWER);
    HttpResponse<String> response = hub.post(TestHub.CHAT, TestHub.HELLO, "x-request-id", "mine-1");

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(ANSWER);
    assertThat(header(response, "content-type")).isEqualTo("application/json");
    assertThat(header(response, "x-worker-id")).isEqualTo("worker-1");
    assertThat(header(response, "x-request-id")).isEqualTo("mine-1");
    assertThat(header(response, "content-length")).isEqualTo("" + ANSWER.length());
    Job job = hub.dispatch.last().job;
    assertThat(job.requestId()).isEqualTo("mine-1");
    assertThat(job.model()).isEqualTo("m1");
    assertThat(job.stream()).isFalse();
    assertThat(job.priority()).isEqualTo(5);
    assertThat(job.timeoutMs()).isEqualTo(60_000);
    assertThat(new String(job.body(), StandardCharsets.UTF_8)).isEqualTo(TestHub.HELLO);
    await().until(() -> hub.admission.inFlight() == 0);
  }

  @Test
  void takesModelAffinityPriorityAndTimeOutFromTheRequest() throws Exception {
    answering("w", ANSWER);
    hub.post(
        TestHub.CHAT,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"user\":\"u1\"}",
        "x-priority",
        "9",
        "x-timeout-ms",
        "1500");
    Job job = hub.dispatch.last().job;
    assertThat(job.model()).isEqualTo("m1");
    assertThat(job.affinity()).isEqualTo("k:u1");
    assertThat(job.priority()).isEqualTo(9);
    assertThat(job.timeoutMs()).isEqualTo(1500);

    hub.post(TestHub.CHAT, TestHub.HELLO, "x-session-id", "s1", "x-timeout-ms", "999999999");
    assertThat(hub.dispatch.last().job.affinity()).isEqualTo("s:s1");
    assertThat(hub.dispatch.last().job.timeoutMs()).isEqualTo(60_000);

    hub.post(TestHub.CHAT, TestHub.HELLO.replace("\"m1\"", "\"demo/m1\""));
    assertThat(hub.dispatch.last().job.model()).isEqualTo("demo/m1");

    assertThat(
            error(hub.post(TestHub.CHAT, TestHub.HELLO, "x-priority", "11"), 400)
                .get("param")
                .asText())
        .isEqualTo("x-priority");
  }

  @Test
  void readsLargeBodiesBesideTheEventLoop() throws Exception {
    answering("w", ANSWER);
    String large = TestHub.HELLO.replace("Hello", "x".repeat(400_000));
    assertThat(hub.post(TestHub.CHAT, large).body()).isEqualTo(ANSWER);
    assertThat(hub.dispatch.last().job.body()).hasSize(large.length());
    HttpResponse<String> wrong = hub.post(TestHub.CHAT, large.replace("user", "king"));
    assertThat(error(wrong, 400).get("param").asText()).isEqualTo("messages[0].role");
  }

  @Test
  void makesARequestIdWhereTheClientsIsNotSane() throws Exception {
    answering("w", ANSWER);
    String first = header(hub.post(TestHub.CHAT, TestHub.HELLO), "x-request-id");
    String second =
        header(hub.post(TestHub.CHAT, TestHub.HELLO, "x-request-id", "a b"), "x-request-id");
    assertThat(first).startsWith("req_").hasSize(26);
    assertThat(second).startsWith("req_").isNotEqualTo(first);
  }

  @Test
  void failsInOpenAisShapeWithStatusAndAdvice() throws Exception {
    failing(Fault.of(Failure.QUEUE_FULL, "full", 1500));
    HttpResponse<String> full = hub.post(TestHub.CHAT, TestHub.HELLO);
    JsonNode error = error(full, 429);
    assertThat(error.get("message").asText()).isEqualTo("full");
    assertThat(error.get("type").asText()).isEqualTo("requests");
    assertThat(error.get("code").asText()).isEqualTo("queue_full");
    assertThat(error.get("param").isNull()).isTrue();
    assertThat(header(full, "retry-after")).isEqualTo("2");
    assertThat(header(full, "retry-after-ms")).isEqualTo("1500");
    assertThat(header(full, "x-request-id")).startsWith("req_");

    failing(Fault.of(Failure.NO_CAPACITY, "nobody"));
    HttpResponse<String> nobody = hub.post(TestHub.CHAT, TestHub.HELLO);
    error(nobody, 503);
    assertThat(header(nobody, "retry-after")).isEqualTo("1");

    failing(Fault.of(Failure.DEADLINE, "late"));
    HttpResponse<String> late = hub.post(TestHub.CHAT, TestHub.HELLO);
    error(late, 504);
    assertThat(header(late, "x-should-retry")).isEqualTo("false");

    failing(
        new Fault(
            Failure.BAD_REQUEST, "x", 0, "{\"message\":\"too hot\",\"param\":\"temperature\"}"));
    assertThat(error(hub.post(TestHub.CHAT, TestHub.HELLO), 400).get("param").asText())
        .isEqualTo("temperature");

    failing(new Fault(Failure.BAD_REQUEST, "plain", 0, "{broken"));
    assertThat(error(hub.post(TestHub.CHAT, TestHub.HELLO), 400).get("message").asText())
        .isEqualTo("plain");

    failing(new Fault(Failure.PROVIDER_ERROR, "hub's words", 0, "{\"message\":\"theirs\"}"));
    assertThat(error(hub.post(TestHub.CHAT, TestHub.HELLO), 502).get("message").asText())
        .isEqualTo("hub's words");
    await().until(() -> hub.admission.inFlight() == 0);
  }

  @Test
  void knowsWhichModelsThereAre() throws Exception {
    HttpResponse<String> unknown =
        hub.post(TestHub.CHAT, TestHub.HELLO.replace("\"m1\"", "\"m9\""));
    assertThat(error(unknown, 404).get("code").asText()).isEqualTo("model_not_found");

    JsonNode list = HttpJson.MAPPER.readTree(hub.get("/v1/models").body());
    assertThat(list.get("object").asText()).isEqualTo("list");
    assertThat(list.get("first_id").asText()).isEqualTo("m1");
    assertThat(list.get("last_id").asText()).isEqualTo("org/m2");
    assertThat(list.get("has_more").asBoolean()).isFalse();
    assertThat(list.get("data").get(0).toString())
        .isEqualTo(
            "{\"id\":\"m1\",\"object\":\"model\",\"type\":\"model\",\"created\":1700000000,"
                + "\"created_at\":\"2023-11-14T22:13:20Z\",\"display_name\":\"m1\","
                + "\"owned_by\":\"muster\",\"context_length\":8192}");
    JsonNode page = HttpJson.MAPPER.readTree(hub.get("/v1/models?limit=1").body());
    assertThat(page.get("has_more").asBoolean()).isTrue();
    assertThat(page.get("data")).hasSize(1);

    assertThat(hub.get("/v1/models/org/m2").body()).contains("\"owned_by\":\"openai\"");
    assertThat(hub.get("/v1/models/org%2Fm2").statusCode()).isEqualTo(200);
    error(hub.get("/v1/models/none"), 404);

    hub.models.models = java.util.List.of();
    error(hub.post(TestHub.CHAT, TestHub.HELLO), 503);
  }

  @Test
  void answersUnknownPathsAndMethods() throws Exception {
    assertThat(error(hub.get("/v1/nothing"), 404).get("code").asText()).isEqualTo("unknown_url");
    HttpResponse<String> method = hub.get(TestHub.CHAT);
    assertThat(error(method, 405).get("code").asText()).isEqualTo("method_not_allowed");
    assertThat(header(method, "allow")).isEqualTo("POST");
    assertThat(header(hub.post("/v1/models/a/b", ""), "allow")).isEqualTo("GET, HEAD");
    HttpResponse<String> plain = hub.get("/nothing");
    assertThat(plain.statusCode()).isEqualTo(404);
    assertThat(HttpJson.MAPPER.readTree(plain.body()).get("error").isTextual()).isTrue();

    HttpResponse<String> head =
        hub.client.send(
            hub.request("/v1/models").method("HEAD", HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
    assertThat(header(head, "x-request-id")).startsWith("req_");
  }

  @Test
  void asksForAKeyWhereKeysAreSet() throws Exception {
    try (TestHub guarded =
        TestHub.start(
            limits -> {
              limits.apiKeys = java.util.List.of("k-one", "k-two");
              return limits;
            })) {
      guarded.dispatch.script = job -> answer(job, "w", ANSWER);
      HttpResponse<String> none = guarded.post(TestHub.CHAT, TestHub.HELLO);
      assertThat(error(none, 401).get("code").asText()).isEqualTo("invalid_api_key");
      assertThat(header(none, "www-authenticate")).isEqualTo("Bearer");
      error(guarded.post(TestHub.CHAT, TestHub.HELLO, "authorization", "Bearer k-on"), 401);
      error(guarded.get("/v1/models"), 401);
      assertThat(guarded.get("/api/tags").statusCode()).isEqualTo(401);
      assertThat(guarded.get("/nothing").statusCode()).isEqualTo(404);
      assertThat(
              guarded
                  .post(TestHub.CHAT, TestHub.HELLO, "authorization", "bearer k-two")
                  .statusCode())
          .isEqualTo(200);
      assertThat(guarded.post(TestHub.CHAT, TestHub.HELLO, "x-api-key", "k-one").statusCode())
          .isEqualTo(200);
    }
  }

  @Test
  void holdsNoMoreThanItsLimits() throws Exception {
    try (TestHub small =
        TestHub.start(
            limits -> {
              limits.maxInFlight = 2;
              limits.maxStreams = 1;
              return limits;
            })) {
      try (TestHub.Raw first = small.raw();
          TestHub.Raw second = small.raw()) {
        first.post(TestHub.CHAT, "1.1", TestHub.STREAM);
        await().until(() -> small.admission.streams() == 1);
        HttpResponse<String> stream = small.post(TestHub.CHAT, TestHub.STREAM);
        error(stream, 503);
        assertThat(header(stream, "retry-after")).isEqualTo("1");
        second.post(TestHub.CHAT, "1.1", TestHub.HELLO);
        await().until(() -> small.admission.inFlight() == 2);
        error(small.post(TestHub.CHAT, TestHub.HELLO), 503);
      }
      await().until(() -> small.admission.inFlight() == 0 && small.admission.streams() == 0);
      assertThat(small.dispatch.jobs).allMatch(job -> job.cancelled != null);
    }
  }

  @Test
  void speaksHttp2InTheClearAndOverAnUpgrade() throws Exception {
    answering("w", ANSWER);
    HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
    for (int i = 0; i < 3; i++) {
      HttpResponse<String> response =
          http2.send(
              hub.request(TestHub.CHAT)
                  .POST(HttpRequest.BodyPublishers.ofString(TestHub.HELLO))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(response.body()).isEqualTo(ANSWER);
      assertThat(response.headers().map()).doesNotContainKeys("connection", "transfer-encoding");
    }
    await().until(() -> hub.admission.inFlight() == 0);
  }

  @Test
  void answersOldClientsWithALength() throws Exception {
    answering("w", ANSWER);
    try (TestHub.Raw old = hub.raw()) {
      String response = old.post(TestHub.CHAT, "1.0", TestHub.HELLO).all();
      assertThat(response)
          .startsWith("HTTP/1.0 200 OK")
          .contains("content-length: " + ANSWER.length());
      assertThat(response.toLowerCase(java.util.Locale.ROOT)).doesNotContain("chunked");
    }
    try (TestHub.Raw old = hub.raw()) {
      for (int i = 0; i < 3; i++) {
        old.post(TestHub.CHAT, "1.0", TestHub.HELLO, "connection: keep-alive");
        assertThat(old.until(ANSWER)).contains("keep-alive");
      }
    }
  }

  @Test
  void cancelsTheJobOfAClientThatLeaves() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      client.post(TestHub.CHAT, "1.1", TestHub.HELLO);
      await().until(() -> hub.dispatch.jobs.size() == 1);
      assertThat(hub.dispatch.last().cancelled).isNull();
    }
    await().until(() -> hub.dispatch.last().cancelled != null);
    await().until(() -> hub.admission.inFlight() == 0);
  }

  private void answering(String node, String body) {
    hub.dispatch.script = job -> answer(job, node, body);
  }

  private static void answer(FakeDispatch.Submitted job, String node, String body) {
    job.later(
        () -> {
          job.started(node);
          job.done(body);
        });
  }

  private void failing(Fault fault) {
    hub.dispatch.script = job -> job.failed(fault, false);
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  private static JsonNode error(HttpResponse<String> response, int status) throws Exception {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    JsonNode error = HttpJson.MAPPER.readTree(response.body()).get("error");
    assertThat(error.isObject()).isTrue();
    return error;
  }
}
