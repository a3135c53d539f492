package io.muster.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.models.Model;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** OpenAI's official clients, unchanged, against a running hub: the one for Java and Node's. */
class OpenAiClientsIT {
  private static final String KEY = "test-key-of-this-hub";
  private static final Path NODE_FOLDER = Path.of("src/test/node").toAbsolutePath();

  @RegisterExtension static final Fleet FLEET = new Fleet();
  private static final Upstream UPSTREAM = new Upstream();
  private static final List<OpenAIClient> CLIENTS = new ArrayList<>();
  private static OpenAIClient client;

  @BeforeAll
  static void start() {
    FLEET
        .hubWith("API_KEYS", KEY)
        // Two jobs at once and no queue: the third is one too many.
        .hubWith("QUEUE_SIZE", "0")
        .startHub();
    FLEET.startWorkers(
        Map.of(
            "OPENAI_BASE_URL",
            UPSTREAM.url(),
            "OPENAI_API_KEY",
            "key-of-the-upstream",
            "WORKER_MAX_CONCURRENT",
            "2"),
        "worker");
    client = client(KEY, 0);
  }

  @AfterAll
  static void stop() {
    CLIENTS.forEach(OpenAIClient::close);
    FLEET.close();
    UPSTREAM.close();
  }

  @Test
  void chat() {
    ChatCompletion answer = client.chat().completions().create(paced("hello"));

    assertThat(answer.choices().get(0).message().content()).hasValue(Upstream.answerTo("hello"));
    assertThat(answer.choices().get(0).finishReason().asString()).isEqualTo("stop");
    assertThat(answer.usage().orElseThrow().totalTokens()).isEqualTo(Upstream.WORDS + 8);
    // What goes upstream is the worker's key, never the client's.
    assertThat(UPSTREAM.authorizations).contains("Bearer key-of-the-upstream");
    assertThat(UPSTREAM.authorizations).noneMatch(header -> header.contains(KEY));
  }

  @Test
  void streamComesWordByWordWithoutUsageUnlessAsked() {
    List<ChatCompletionChunk> chunks = stream(paced("hello"));

    assertThat(text(chunks)).isEqualTo(Upstream.answerTo("hello"));
    assertThat(chunks).hasSizeGreaterThan(Upstream.WORDS).allMatch(c -> c.usage().isEmpty());
    assertThat(chunks.stream().map(ChatCompletionChunk::id).distinct()).hasSize(1);
  }

  @Test
  void streamWithUsageEndsWithExactlyOneChunkOfIt() {
    List<ChatCompletionChunk> chunks =
        stream(
            paced("hello").toBuilder()
                .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build());

    ChatCompletionChunk last = chunks.get(chunks.size() - 1);
    assertThat(last.choices()).isEmpty();
    assertThat(last.usage().orElseThrow().completionTokens()).isEqualTo(Upstream.WORDS + 1);
    assertThat(chunks.subList(0, chunks.size() - 1)).allMatch(c -> c.usage().isEmpty());
  }

  @Test
  void toolsPassThroughBothWays() {
    int before = UPSTREAM.seen.size();
    var answer = client.chat().completions().create(weather()).choices().get(0);

    var call = answer.message().toolCalls().orElseThrow().get(0).asFunction().function();
    assertThat(call.name()).isEqualTo("weather");
    assertThat(call.arguments()).isEqualTo("{\"city\":\"Oslo\"}");
    assertThat(answer.finishReason().asString()).isEqualTo("tool_calls");
    JsonNode tool = UPSTREAM.seen.get(before).at("/tools/0/function");
    assertThat(tool.path("name").asText()).isEqualTo("weather");
    assertThat(tool.at("/parameters/properties/city/type").asText()).isEqualTo("string");
  }

  @Test
  void toolsPassThroughInAStream() {
    StringBuilder name = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    for (ChatCompletionChunk chunk : stream(weather())) {
      for (var choice : chunk.choices()) {
        for (var call : choice.delta().toolCalls().orElse(List.of())) {
          call.function().flatMap(f -> f.name()).ifPresent(name::append);
          call.function().flatMap(f -> f.arguments()).ifPresent(arguments::append);
        }
      }
    }
    assertThat(name).hasToString("weather");
    assertThat(arguments).hasToString("{\"city\":\"Oslo\"}");
  }

  @Test
  void modelsAreListedAndRetrieved() {
    List<String> ids = client.models().list().data().stream().map(Model::id).toList();

    assertThat(ids).containsExactlyInAnyOrderElementsOf(Upstream.MODELS);
    Model paced = client.models().retrieve("paced");
    assertThat(paced.id()).isEqualTo("paced");
    assertThat(paced.ownedBy()).isEqualTo("upstream");
    assertThatThrownBy(() -> client.models().retrieve("none"))
        .isInstanceOf(NotFoundException.class);
  }

  @Test
  void unknownModelIsNotFound() {
    NotFoundException e =
        catchThrowableOfType(
            NotFoundException.class,
            () -> client.chat().completions().create(paced("x").toBuilder().model("no").build()));

    assertThat(e.code()).hasValue("model_not_found");
    assertThat(e.param()).hasValue("model");
  }

  @Test
  void badRequestNamesTheParameterWhoeverFindsIt() {
    BadRequestException ours =
        catchThrowableOfType(
            BadRequestException.class,
            () ->
                client
                    .chat()
                    .completions()
                    .create(
                        ChatCompletionCreateParams.builder()
                            .model("paced")
                            .messages(List.of())
                            .build()));
    assertThat(ours.param()).hasValue("messages");

    BadRequestException theirs =
        catchThrowableOfType(
            BadRequestException.class,
            () ->
                client
                    .chat()
                    .completions()
                    .create(paced("x").toBuilder().model("refusing").temperature(3.0).build()));
    assertThat(theirs.param()).hasValue("temperature");
    assertThat(theirs.code()).hasValue("decimal_above_max_value");
  }

  @Test
  void wrongKeyIsUnauthorized() {
    OpenAIClient stranger = client("another-key", 0);
    UnauthorizedException e =
        catchThrowableOfType(
            UnauthorizedException.class,
            () -> stranger.chat().completions().create(paced("hello")));

    assertThat(e.code()).hasValue("invalid_api_key");
  }

  @Test
  void fullFleetIsARateLimitWhichTheClientTriesAgain() {
    List<CompletableFuture<ChatCompletion>> held = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      held.add(
          CompletableFuture.supplyAsync(() -> client.chat().completions().create(model("held"))));
    }
    await().atMost(Duration.ofSeconds(30)).until(() -> UPSTREAM.held() == 2);

    RateLimitException e =
        catchThrowableOfType(
            RateLimitException.class, () -> client.chat().completions().create(paced("x")));
    assertThat(e.headers().values("retry-after")).isNotEmpty();

    long refused = rateLimited();
    OpenAIClient patient = client(KEY, 8);
    CompletableFuture<ChatCompletion> third =
        CompletableFuture.supplyAsync(() -> patient.chat().completions().create(paced("x")));
    await("refused").atMost(Duration.ofSeconds(30)).until(() -> rateLimited() > refused);
    UPSTREAM.release();
    // It tried again by itself.
    assertThat(third.join().choices().get(0).message().content()).hasValue(Upstream.answerTo("x"));
    held.forEach(
        answer ->
            assertThat(answer.join().choices().get(0).message().content()).hasValue("released"));
  }

  @Test
  void abortedStreamClosesTheConnectionUpstream() {
    int before = UPSTREAM.aborted.size();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(model("endless"))) {
      assertThat(stream.stream().limit(3)).hasSize(3);
    }
    await("closed upstream")
        .atMost(Duration.ofSeconds(10))
        .until(() -> UPSTREAM.aborted.size() > before);
    assertThat(UPSTREAM.aborted).endsWith("endless");
  }

  @Test
  void nodeClientWorksUnchanged() throws Exception {
    Path node = Needed.program("node");
    Needed.that(
        Files.isDirectory(NODE_FOLDER.resolve("node_modules/openai")), "npm ci in " + NODE_FOLDER);

    int before = UPSTREAM.aborted.size();
    Path log = FLEET.folder().resolve("node.out");
    Program program =
        Program.start(
            "node",
            List.of(node.toString(), NODE_FOLDER.resolve("client.mjs").toString()),
            NODE_FOLDER,
            log,
            Map.of("MUSTER_URL", FLEET.hub().url() + "/v1", "MUSTER_KEY", KEY));

    await("two requests held, or its end")
        .atMost(Duration.ofSeconds(60))
        .until(() -> UPSTREAM.held() == 2 || !program.runs());
    await("a third one refused, or its end")
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.readString(log, UTF_8).contains("refused") || !program.runs());
    UPSTREAM.release();
    int exit = program.awaitExit(Duration.ofSeconds(60));

    assertThat(exit).as(program.output()).isZero();
    assertThat(program.output()).contains("all 11 passed");
    await("closed upstream")
        .atMost(Duration.ofSeconds(10))
        .until(() -> UPSTREAM.aborted.size() > before);
  }

  private static long rateLimited() {
    return FLEET.hub().getJson("/api/metrics").at("/hub/failures/queue_full").asLong();
  }

  private static List<ChatCompletionChunk> stream(ChatCompletionCreateParams request) {
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(request)) {
      return stream.stream().toList();
    }
  }

  private static String text(List<ChatCompletionChunk> chunks) {
    StringBuilder text = new StringBuilder();
    for (ChatCompletionChunk chunk : chunks) {
      chunk.choices().forEach(c -> text.append(c.delta().content().orElse("")));
    }
    return text.toString();
  }

  private static ChatCompletionCreateParams paced(String message) {
    return ChatCompletionCreateParams.builder().model("paced").addUserMessage(message).build();
  }

  private static ChatCompletionCreateParams model(String model) {
    return paced("hello").toBuilder().model(model).build();
  }

  private static ChatCompletionCreateParams weather() {
    Map<String, Object> city = Map.of("city", Map.of("type", "string"));
    return model("tools").toBuilder()
        .addTool(
            ChatCompletionFunctionTool.builder()
                .function(
                    FunctionDefinition.builder()
                        .name("weather")
                        .parameters(
                            FunctionParameters.builder()
                                .putAdditionalProperty("type", JsonValue.from("object"))
                                .putAdditionalProperty("properties", JsonValue.from(city))
                                .build())
                        .build())
                .build())
        .build();
  }

  private static OpenAIClient client(String key, int retries) {
    OpenAIClient made =
        OpenAIOkHttpClient.builder()
            .baseUrl(FLEET.hub().url() + "/v1")
            .apiKey(key)
            .maxRetries(retries)
            .timeout(Duration.ofSeconds(60))
            .build();
    CLIENTS.add(made);
    return made;
  }
}
