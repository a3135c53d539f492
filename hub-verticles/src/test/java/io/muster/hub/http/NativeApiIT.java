package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The hub's own chat interface over real HTTP, on a real database. */
class NativeApiIT {
  private static final String CHAT = "/api/chat";

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
  void keepsTheConversationOfASession() throws Exception {
    hub.dispatch.script = job -> answer(job, "w1", "Hello, Ada.");
    HttpResponse<String> first =
        hub.post(CHAT, "{\"session_id\":\"s1\",\"message\":\"I am Ada\"}", "x-request-id", "r-1");
    assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
    JsonNode answer = HttpJson.MAPPER.readTree(first.body());
    assertThat(answer.get("session_id").asText()).isEqualTo("s1");
    assertThat(answer.get("response").asText()).isEqualTo("Hello, Ada.");
    assertThat(answer.get("worker_id").asText()).isEqualTo("w1");
    assertThat(answer.get("model").asText()).isEqualTo("m1");
    assertThat(answer.get("request_id").asText()).isEqualTo("r-1");
    assertThat(answer.get("usage").get("total_tokens").asInt()).isEqualTo(21);
    assertThat(first.headers().firstValue("x-worker-id")).contains("w1");
    assertThat(hub.dispatch.last().job.affinity()).isEqualTo("s:s1");

    hub.dispatch.script = job -> answer(job, "w2", "Ada.");
    hub.post(CHAT, "{\"session_id\":\"s1\",\"message\":\"Who am I?\"}");
    JsonNode sent = HttpJson.MAPPER.readTree(hub.dispatch.last().job.body());
    assertThat(sent.get("messages").toString())
        .isEqualTo(
            "[{\"role\":\"user\",\"content\":\"I am Ada\"},"
                + "{\"role\":\"assistant\",\"content\":\"Hello, Ada.\"},"
                + "{\"role\":\"user\",\"content\":\"Who am I?\"}]");

    JsonNode session = HttpJson.MAPPER.readTree(hub.get("/api/sessions/s1").body());
    assertThat(session.get("turn_count").asInt()).isEqualTo(2);
    assertThat(session.get("turns").get(1).get("response").asText()).isEqualTo("Ada.");
    assertThat(session.get("turns").get(1).get("worker_id").asText()).isEqualTo("w2");

    assertThat(delete("/api/sessions/s1").statusCode()).isEqualTo(200);
    assertThat(hub.get("/api/sessions/s1").statusCode()).isEqualTo(404);
    assertThat(delete("/api/sessions/s1").body()).contains("session_not_found");
  }

  @Test
  void answersInOneLengthWhateverTheFigures() throws Exception {
    AtomicInteger count = new AtomicInteger(1);
    hub.dispatch.script =
        job ->
            job.later(
                () -> {
                  job.started("w");
                  job.done(whole("ok"), count.getAndUpdate(n -> n * 1000));
                });
    List<Integer> lengths = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      lengths.add(hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"m\"}").body().length());
    }
    assertThat(lengths).containsOnly(lengths.get(0));
    String made = hub.post(CHAT, "{\"message\":\"m\"}").body();
    assertThat(HttpJson.MAPPER.readTree(made).get("session_id").asText()).hasSize(36);
  }

  @Test
  void streamsPiecesThenTheWholeAnswer() throws Exception {
    hub.dispatch.script =
        job -> {
          job.later(() -> job.started("w1"));
          job.later(() -> job.delta(chunk("{\"role\":\"assistant\",\"content\":\"\"}")));
          job.later(() -> job.delta(chunk("{\"content\":\"Hel\"}")));
          job.later(
              () ->
                  job.delta(
                      chunk("{\"content\":\"lo \"}") + chunk("{\"content\":\"\\\"you\\\"\"}")));
          job.later(() -> job.done(null));
        };
    HttpResponse<String> response =
        hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"m\",\"stream\":true}");
    assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
    String[] events = response.body().split("\n\n");
    assertThat(events[0]).isEqualTo("data: {\"delta\":\"Hel\"}");
    assertThat(events[1]).isEqualTo("data: {\"delta\":\"lo \\\"you\\\"\"}");
    JsonNode last = HttpJson.MAPPER.readTree(events[2].substring(6));
    assertThat(last.get("response").asText()).isEqualTo("Hello \"you\"");
    assertThat(last.get("worker_id").asText()).isEqualTo("w1");
    assertThat(events[3]).isEqualTo("data: [DONE]");
    assertThat(hub.dispatch.last().granted.get()).isGreaterThanOrEqualTo(2);
    assertThat(
            HttpJson.MAPPER.readTree(hub.get("/api/sessions/s").body()).get("turn_count").asInt())
        .isEqualTo(1);
  }

  @Test
  void neverGivesAnEmptyAnswerAndKeepsNothingOfAFailedTurn() throws Exception {
    hub.dispatch.script = job -> answer(job, "w", " ");
    HttpResponse<String> empty = hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"m\"}");
    assertThat(empty.statusCode()).isEqualTo(502);
    assertThat(HttpJson.MAPPER.readTree(empty.body()).get("error").asText()).contains("empty");

    hub.dispatch.script =
        job ->
            job.later(
                () ->
                    job.done(
                        "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{}]},"
                            + "\"finish_reason\":\"tool_calls\"}]}"));
    assertThat(hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"m\"}").body())
        .contains("asked for tools");

    hub.dispatch.script = job -> job.failed(Fault.of(Failure.QUEUE_FULL, "full"), false);
    HttpResponse<String> full = hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"m\"}");
    assertThat(full.statusCode()).isEqualTo(429);
    assertThat(full.headers().firstValue("retry-after")).contains("1");

    hub.dispatch.script =
        job -> {
          job.later(() -> job.started("w"));
          job.later(() -> job.delta(chunk("{\"content\":\"Hel\"}")));
        };
    try (TestHub.Raw client = hub.raw()) {
      client.post(CHAT, "1.1", "{\"session_id\":\"s\",\"message\":\"m\",\"stream\":true}");
      client.until("Hel");
      FakeDispatch.Submitted job = hub.dispatch.last();
      job.later(() -> job.failed(Fault.of(Failure.NODE_LOST, "gone"), true));
      assertThat(client.all()).contains("{\"error\":\"gone\"").doesNotContain("[DONE]");
    }
    assertThat(hub.get("/api/sessions/s").statusCode()).isEqualTo(404);

    // And the session is free.
    hub.dispatch.script = job -> answer(job, "w", "ok");
    assertThat(hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"m\"}").statusCode())
        .isEqualTo(200);
  }

  @Test
  void letsTheNextTurnBeginWhenAClientLeaves() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      client.post(CHAT, "1.1", "{\"session_id\":\"s\",\"message\":\"left\"}");
      await().until(() -> hub.dispatch.jobs.size() == 1);
    }
    await().until(() -> hub.dispatch.last().cancelled != null);
    hub.dispatch.script = job -> answer(job, "w", "ok");
    assertThat(hub.post(CHAT, "{\"session_id\":\"s\",\"message\":\"next\"}").statusCode())
        .isEqualTo(200);
    assertThat(new String(hub.dispatch.last().job.body(), java.nio.charset.StandardCharsets.UTF_8))
        .doesNotContain("left");
    await().until(() -> hub.admission.inFlight() == 0);
  }

  @Test
  void takesTurnsOfOneSessionInOrder() throws Exception {
    hub.dispatch.script = job -> answer(job, "w", "ok");
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      all.add(
          hub.client.sendAsync(
              hub.request(CHAT)
                  .POST(
                      HttpRequest.BodyPublishers.ofString(
                          "{\"session_id\":\"s\",\"message\":\"m\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString()));
    }
    for (CompletableFuture<HttpResponse<String>> each : all) {
      assertThat(each.get().statusCode()).isEqualTo(200);
    }
    assertThat(
            HttpJson.MAPPER.readTree(hub.get("/api/sessions/s").body()).get("turn_count").asInt())
        .isEqualTo(40);
  }

  @Test
  void namesTheFieldThatIsWrong() throws Exception {
    assertThat(param("{}")).isEqualTo("message");
    assertThat(param("{\"message\":5}")).isEqualTo("message");
    assertThat(param("{\"message\":\" \"}")).isEqualTo("message");
    assertThat(param("{\"message\":\"m\",\"session_id\":7}")).isEqualTo("session_id");
    assertThat(param("{\"message\":\"m\",\"session_id\":\"a\\nb\"}")).isEqualTo("session_id");
    assertThat(param("{\"message\":\"m\",\"stream\":\"yes\"}")).isEqualTo("stream");
    assertThat(param("{\"message\":\"m\",\"model\":[]}")).isEqualTo("model");
    HttpResponse<String> unknown = hub.post(CHAT, "{\"message\":\"m\",\"model\":\"none\"}");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.body()).contains("model_not_found");
    assertThat(hub.admission.inFlight()).isZero();
  }

  private String param(String body) throws Exception {
    HttpResponse<String> response = hub.post(CHAT, body);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    return HttpJson.MAPPER.readTree(response.body()).get("param").asText();
  }

  private HttpResponse<String> delete(String path) throws Exception {
    return hub.client.send(
        hub.request(path).DELETE().build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void answer(FakeDispatch.Submitted job, String node, String text) {
    job.later(
        () -> {
          job.started(node);
          job.done(whole(text));
        });
  }

  private static String whole(String text) {
    return "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\""
        + text
        + "\"},\"finish_reason\":\"stop\"}]}";
  }

  private static String chunk(String delta) {
    return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}\n\n";
  }
}
