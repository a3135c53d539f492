package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import io.muster.hub.Hub;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.Worker;
import io.vertx.core.Future;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Chats that use tools: the models are one worker's, the tools another's, and the hub goes between
 * them. The demo model calls what it is told to; a model server of ours calls for ever.
 */
class ToolChatIT {
  private static final Path FOLDER = Fleet.temporaryFolder();
  private static final Path FILES = FOLDER.resolve("files");
  private static final int CLUSTER_PORT = FreePorts.stretch(4);
  private static final Upstream MODEL_SERVER = new Upstream();
  private static final List<Worker> WORKERS = new ArrayList<>();
  private static Hub hub;
  private static HubClient client;

  @BeforeAll
  static void start() throws Exception {
    Files.createDirectory(FILES);
    Files.writeString(FILES.resolve("plan.txt"), "plant trees");
    hub =
        done(
            Hub.start(
                settings(Role.HUB, "hub", Map.of("ROOT_NODE_PORT", "0", "TOOL_MAX_ROUNDS", "3"))));
    client = new HubClient("http://127.0.0.1:" + hub.port());
    work(
        "models",
        Map.of("DEMO_MODEL", "on", "DEMO_TOOLS", "off", "OPENAI_BASE_URL", MODEL_SERVER.url()));
    work(
        "tools",
        Map.of(
            "DEMO_MODEL",
            "off",
            "DEMO_TOOLS",
            "on",
            "ENABLE_FILE_TOOLS",
            "true",
            "FILE_TOOLS_ROOT",
            FILES.toString(),
            "ENABLE_CODE_EXEC",
            "true",
            "ENABLE_WEB_SEARCH",
            "true"));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> client.getJson("/api/tools").path("tools").findValuesAsText("name"),
            names -> names.containsAll(List.of("echo", "sleep", "file_read", "code_exec")));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> client.getJson("/v1/models").path("data").findValuesAsText("id"),
            models -> models.containsAll(List.of("demo", "tools")));
  }

  private static void work(String id, Map<String, String> more) throws Exception {
    Map<String, String> env = new HashMap<>(more);
    env.put("WORKER_PORT", "0");
    env.put("WORKER_ID", id);
    env.put("OLLAMA_DETECT", "false");
    WORKERS.add(
        done(
            Worker.start(
                settings(Role.WORKER, id, env),
                reason -> {
                  throw new AssertionError(reason);
                })));
  }

  @AfterAll
  static void stop() throws Exception {
    for (Worker worker : WORKERS) {
      done(worker.stop());
    }
    if (hub != null) {
      done(hub.stop());
    }
    MODEL_SERVER.close();
    Fleet.delete(FOLDER);
  }

  @Test
  void toolsAreListedWithTheirSchemasAndNodes() {
    JsonNode tools = client.getJson("/api/tools").path("tools");

    List<String> names = new ArrayList<>();
    for (JsonNode tool : tools) {
      names.add(tool.path("name").asText());
      assertThat(tool.path("nodes").path(0).asText()).isEqualTo("tools");
      assertThat(tool.path("schema").path("type").asText()).isEqualTo("object");
      for (JsonNode property : tool.at("/schema/properties")) {
        assertThat(property.path("type").isTextual()).as(tool.toString()).isTrue();
      }
      assertThat(tool.toString()).doesNotContain("__absolute_uri__");
    }
    // Without an engine to ask there is no web_search, whatever the setting says.
    assertThat(names).isSorted().contains("file_write").doesNotContain("web_search");
    assertThat(client.getJson("/api/workers/tools").path("capabilities").toString())
        .contains("tool");
  }

  @Test
  void aChatCallsAToolOnAnotherNode() {
    JsonNode answer =
        post(
            "/api/chat",
            "{\"message\":\"use the tool echo with {\\\"a\\\": [1, 2]}\",\"tools\":[\"echo\"],"
                + "\"model\":\"demo\"}");

    assertThat(answer.path("response").asText()).isEqualTo("The tools answered: {\"a\":[1,2]}");
    assertThat(answer.path("worker_id").asText()).isEqualTo("models");
    assertThat(answer.at("/steps/0/type").asText()).isEqualTo("tool_call");
    assertThat(answer.at("/steps/0/arguments/a/1").asInt()).isEqualTo(2);
    assertThat(answer.at("/steps/1/node_id").asText()).isEqualTo("tools");
    // Each call is a task like any other, to be looked up afterwards.
    JsonNode task = client.getJson("/api/tasks/" + answer.at("/steps/1/task_id").asText());
    assertThat(task.path("status").asText()).isEqualTo("completed");
    assertThat(task.path("assignedNodeId").asText()).isEqualTo("tools");
  }

  @Test
  void aStreamShowsTheStepsAsEvents() {
    String stream =
        client
            .post(
                "/api/chat",
                "{\"message\":\"use the tool file_read with {\\\"path\\\": \\\"plan.txt\\\"} and"
                    + " use the tool file_read with {\\\"path\\\": \\\"../secret\\\"}\","
                    + "\"tools\":true,\"model\":\"demo\",\"stream\":true}")
            .body();

    List<String> events = stream.lines().filter(line -> line.startsWith("event: ")).toList();
    assertThat(events)
        .containsExactly(
            "event: tool_call", "event: tool_call", "event: tool_result", "event: tool_result");
    assertThat(stream)
        .contains("\"result\":\"{\\\"size\\\":11,", "plant trees", "\"code\":\"path_refused\"")
        .contains("data: [DONE]");
    JsonNode last =
        HubClient.parse(
            stream
                .lines()
                .filter(line -> line.startsWith("data: {\"session_id\""))
                .findFirst()
                .orElseThrow()
                .substring("data: ".length()));
    assertThat(last.path("steps")).hasSize(4);
    assertThat(
            client
                .getJson("/api/sessions/" + last.path("session_id").asText())
                .at("/turns/0/response")
                .asText())
        .startsWith("The tools answered: ");
  }

  @Test
  void usageIsOfAllRounds() {
    JsonNode plain =
        post("/api/chat", "{\"message\":\"use the tool echo with {}\",\"model\":\"demo\"}");
    JsonNode used =
        post(
            "/api/chat",
            "{\"message\":\"use the tool echo with {}\",\"model\":\"demo\",\"tools\":true}");

    // The second round's prompt is the first one's and what was said since.
    assertThat(used.at("/usage/prompt_tokens").asInt())
        .isGreaterThanOrEqualTo(2 * plain.at("/usage/prompt_tokens").asInt());
  }

  @Test
  void whatIsNotOfferedIsAnErrorThatNamesTheField() {
    HttpResponse<String> answer =
        client.post("/api/chat", "{\"message\":\"hi\",\"tools\":[\"nope\"],\"model\":\"demo\"}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("'tools': no node offers a tool nope now");

    answer =
        client.post(
            "/v1/chat/completions",
            "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],"
                + "\"muster\":{\"tools\":7}}");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("\"param\":\"muster.tools\"");
  }

  @Test
  void theOfficialClientTakesTheStream() {
    ChatCompletionCreateParams params =
        ChatCompletionCreateParams.builder()
            .model("demo")
            .addUserMessage(
                "use the tool code_exec with {\"language\": \"sh\", \"code\": \"expr 6 '*' 7\"}")
            .putAdditionalBodyProperty(
                "muster", JsonValue.from(Map.of("tools", List.of("code_exec"))))
            .build();
    OpenAIClient openAi =
        OpenAIOkHttpClient.builder().baseUrl(client.url() + "/v1").apiKey("any").build();
    try {
      ChatCompletion whole = openAi.chat().completions().create(params);
      assertThat(whole.choices().get(0).message().content().orElseThrow())
          .contains("\"stdout\":\"42\\n\"");

      ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
      List<ChatCompletionChunk> chunks = new ArrayList<>();
      try (StreamResponse<ChatCompletionChunk> stream =
          openAi.chat().completions().createStreaming(params)) {
        stream.stream().peek(accumulator::accumulate).forEach(chunks::add);
      }
      ChatCompletion streamed = accumulator.chatCompletion();
      assertThat(streamed.choices().get(0).message().content().orElseThrow())
          .contains("\"stdout\":\"42\\n\"");
      assertThat(streamed.choices().get(0).finishReason().asString()).isEqualTo("stop");
      assertThat(chunks.stream().map(ChatCompletionChunk::id).distinct()).hasSize(1);
      assertThat(chunks.stream().filter(c -> c._additionalProperties().containsKey("muster")))
          .hasSize(3);
    } finally {
      openAi.close();
    }
  }

  @Test
  void theClientsOwnToolsComeBackToIt() {
    JsonNode answer =
        post(
            "/v1/chat/completions",
            "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"use the tool mine"
                + " with {\\\"x\\\": 1}\"}],\"tools\":[{\"type\":\"function\",\"function\":"
                + "{\"name\":\"mine\",\"parameters\":{\"type\":\"object\"}}}],"
                + "\"muster\":{\"tools\":true}}");

    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("tool_calls");
    assertThat(answer.at("/choices/0/message/tool_calls/0/function/name").asText())
        .isEqualTo("mine");
    assertThat(answer.at("/muster/rounds").asInt()).isOne();
  }

  @Test
  void aModelThatCallsForEverIsStopped() {
    int before = MODEL_SERVER.seen.size();
    JsonNode answer =
        post(
            "/v1/chat/completions",
            "{\"model\":\"tools\",\"messages\":[{\"role\":\"user\",\"content\":\"go\"}],"
                + "\"muster\":{\"tools\":[\"echo\"]}}");

    assertThat(answer.at("/choices/0/finish_reason").asText()).isEqualTo("length");
    assertThat(answer.at("/muster/stopped").asText()).isEqualTo("max_rounds");
    assertThat(answer.at("/muster/steps")).hasSize(6);
    List<JsonNode> asked = MODEL_SERVER.seen.subList(before, before + 4);
    assertThat(asked.get(0).has("muster")).isFalse();
    JsonNode echo = asked.get(0).at("/tools/0/function");
    assertThat(echo.path("name").asText()).isEqualTo("echo");
    assertThat(echo.at("/parameters/properties/fail/type").asText()).isEqualTo("string");
    assertThat(asked.get(1).at("/messages/2/content").asText()).isEqualTo("{\"city\":\"Oslo\"}");
    assertThat(asked.get(3).path("tool_choice").asText()).isEqualTo("none");
  }

  @Test
  void aClientThatLeavesEndsTheToolOnItsNode() throws Exception {
    HttpClient leaving = HttpClient.newHttpClient();
    HttpResponse<InputStream> stream =
        leaving.send(
            HttpRequest.newBuilder(URI.create(client.url() + "/v1/chat/completions"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"model\":\"demo\",\"stream\":true,\"messages\":[{\"role\":\"user\","
                            + "\"content\":\"use the tool sleep with {\\\"ms\\\": 50000}\"}],"
                            + "\"muster\":{\"tools\":[\"sleep\"]}}"))
                .build(),
            HttpResponse.BodyHandlers.ofInputStream());
    await().until(() -> sleeping("running") == 1);

    stream.body().close();

    await().atMost(Duration.ofSeconds(20)).until(() -> sleeping("cancelled") == 1);
    await().until(() -> client.getJson("/api/metrics").at("/hub/in_flight").asInt() == 0);
  }

  private static int sleeping(String status) {
    return client.getJson("/api/tasks?tool=sleep&status=" + status).path("tasks").size();
  }

  private static JsonNode post(String path, String body) {
    HttpResponse<String> answer = client.post(path, body);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return HubClient.parse(answer.body());
  }

  private static Settings settings(Role role, String name, Map<String, String> more) {
    Map<String, String> env = new HashMap<>(more);
    env.put("CLUSTER_PORT", String.valueOf(CLUSTER_PORT));
    env.put("CLUSTER_PORT_COUNT", "4");
    env.put("CLUSTER_NAME", "tools-" + CLUSTER_PORT);
    env.put("DATA_DIR", FOLDER.resolve(name).toString());
    return Settings.load(role, env, FOLDER);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }
}
