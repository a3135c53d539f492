package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ollama's interface over real HTTP. */
class OllamaApiIT {
  private static final String CHAT = "/api/chat";
  private static final String HELLO =
      "{\"model\":\"m1\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]";

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
  void answersAsAWhole() throws Exception {
    hub.dispatch.script =
        job ->
            job.later(
                () -> {
                  job.started("w");
                  job.done(
                      "{\"choices\":[{\"message\":{\"content\":\"Hi\",\"reasoning_content\":\"hm\","
                          + "\"tool_calls\":[{\"id\":\"1\",\"function\":{\"name\":\"f\","
                          + "\"arguments\":\"{\\\"a\\\":1}\"}}]},\"finish_reason\":\"length\"}]}");
                });
    HttpResponse<String> response = hub.post(CHAT, HELLO + ",\"stream\":false}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    JsonNode answer = HttpJson.MAPPER.readTree(response.body());
    assertThat(answer.get("model").asText()).isEqualTo("m1");
    assertThat(answer.get("message").toString())
        .isEqualTo(
            "{\"role\":\"assistant\",\"content\":\"Hi\",\"thinking\":\"hm\",\"tool_calls\":"
                + "[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]}");
    assertThat(answer.get("done").asBoolean()).isTrue();
    assertThat(answer.get("done_reason").asText()).isEqualTo("length");
    assertThat(answer.get("prompt_eval_count").asInt()).isEqualTo(9);
    assertThat(answer.get("eval_count").asInt()).isEqualTo(12);
    assertThat(answer.get("total_duration").asLong()).isPositive();
  }

  @Test
  void streamsByDefaultLineByLine() throws Exception {
    hub.dispatch.script =
        job -> {
          job.later(() -> job.started("w"));
          job.later(() -> job.delta(chunk("{\"role\":\"assistant\",\"content\":\"\"}")));
          job.later(() -> job.delta(chunk("{\"content\":\"Hi\"}")));
          job.later(
              () ->
                  job.delta(
                      chunk(
                              "{\"tool_calls\":[{\"index\":0,\"id\":\"1\",\"function\":"
                                  + "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\"\"}}]}")
                          + chunk(
                              "{\"tool_calls\":[{\"index\":0,\"function\":"
                                  + "{\"arguments\":\":1}\"}}]}")));
          job.later(() -> job.done(null));
        };
    HttpResponse<String> response = hub.post(CHAT, HELLO + "}");
    assertThat(response.headers().firstValue("content-type")).contains("application/x-ndjson");
    assertThat(hub.dispatch.last().job.stream()).isTrue();
    String[] lines = response.body().split("\n");
    assertThat(lines).hasSize(3);
    JsonNode first = HttpJson.MAPPER.readTree(lines[0]);
    assertThat(first.get("message").get("content").asText()).isEqualTo("Hi");
    assertThat(first.get("done").asBoolean()).isFalse();
    assertThat(HttpJson.MAPPER.readTree(lines[1]).get("message").get("tool_calls").toString())
        .isEqualTo("[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]");
    JsonNode last = HttpJson.MAPPER.readTree(lines[2]);
    assertThat(last.get("done").asBoolean()).isTrue();
    assertThat(last.get("done_reason").asText()).isEqualTo("stop");
  }

  @Test
  void sendsOpenAisFormToTheWorkers() throws Exception {
    hub.dispatch.script = job -> job.done("{\"choices\":[{\"message\":{\"content\":\"x\"}}]}");
    HttpResponse<String> response =
        hub.post(
            CHAT,
            "{\"model\":\"m1:latest\",\"stream\":false,\"format\":\"json\",\"keep_alive\":5,"
                + "\"options\":{\"temperature\":0.5,\"num_predict\":9,\"num_ctx\":4,\"top_k\":3},"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"see\",\"images\":[\"iVBORx\"]},"
                + "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":"
                + "{\"name\":\"f\",\"arguments\":{\"a\":1}}}]},"
                + "{\"role\":\"tool\",\"tool_name\":\"f\",\"content\":\"r\"}]}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    assertThat(HttpJson.MAPPER.readTree(response.body()).get("model").asText())
        .isEqualTo("m1:latest");
    assertThat(hub.dispatch.last().job.model()).isEqualTo("m1");
    assertThat(HttpJson.MAPPER.readTree(hub.dispatch.last().job.body()).toString())
        .isEqualTo(
            "{\"model\":\"m1\",\"stream\":false,\"messages\":[{\"role\":\"user\",\"content\":"
                + "[{\"type\":\"text\",\"text\":\"see\"},{\"type\":\"image_url\",\"image_url\":"
                + "{\"url\":\"data:image/png;base64,iVBORx\"}}]},{\"role\":\"assistant\","
                + "\"content\":\"\",\"tool_calls\":[{\"id\":\"call_0\",\"type\":\"function\","
                + "\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}}]},"
                + "{\"role\":\"tool\",\"content\":\"r\",\"tool_call_id\":\"call_0\"}],"
                + "\"temperature\":0.5,\"max_tokens\":9,"
                + "\"response_format\":{\"type\":\"json_object\"}}");
  }

  @Test
  void failsAsOllamaDoes() throws Exception {
    HttpResponse<String> unknown = hub.post(CHAT, HELLO.replace("m1", "m9") + "}");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(HttpJson.MAPPER.readTree(unknown.body()).get("error").isTextual()).isTrue();
    assertThat(hub.post(CHAT, "{\"messages\":\"x\"}").statusCode()).isEqualTo(400);
    assertThat(hub.post(CHAT, "{\"messages\":[{\"role\":\"x\"}]}").body())
        .contains("messages[0].role");

    hub.dispatch.script =
        job -> {
          job.later(() -> job.started("w"));
          job.later(() -> job.delta(chunk("{\"content\":\"Hi\"}")));
        };
    try (TestHub.Raw client = hub.raw()) {
      client.post(CHAT, "1.1", HELLO + "}");
      client.until("\"Hi\"");
      FakeDispatch.Submitted job = hub.dispatch.last();
      job.later(() -> job.failed(Fault.of(Failure.NODE_LOST, "gone"), true));
      assertThat(client.all())
          .contains("{\"error\":\"gone\"")
          .doesNotContain("\"done\":true")
          .doesNotEndWith("0\r\n\r\n");
    }
  }

  @Test
  void tellsTheModels() throws Exception {
    JsonNode tags = HttpJson.MAPPER.readTree(hub.get("/api/tags").body());
    assertThat(tags.get("models")).hasSize(2);
    assertThat(tags.get("models").get(0).get("name").asText()).isEqualTo("m1");
    JsonNode show =
        HttpJson.MAPPER.readTree(hub.post("/api/show", "{\"model\":\"m1:latest\"}").body());
    assertThat(show.get("model_info").get("demo.context_length").asInt()).isEqualTo(8192);
    assertThat(hub.post("/api/show", "{\"name\":\"m9\"}").statusCode()).isEqualTo(404);
    assertThat(hub.post("/api/show", "{}").statusCode()).isEqualTo(400);
    assertThat(hub.get("/api/version").body()).isEqualTo("{\"version\":\"1.2.3\"}");
    assertThat(hub.post(CHAT, "{\"model\":\"m1\",\"messages\":[]}").body())
        .contains("\"done_reason\":\"load\"");
  }

  private static String chunk(String delta) {
    return "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":" + delta + "}]}\n\n";
  }
}
