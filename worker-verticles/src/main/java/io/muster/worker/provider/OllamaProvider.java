package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.FaultException;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ollama by its own protocol, which tells more of its models than the one it shares with OpenAI.
 */
public final class OllamaProvider implements Provider {
  /** Where it listens unless it is told otherwise. */
  public static final String USUAL_URL = "http://127.0.0.1:11434";

  /** How many tokens it keeps in mind unless it is told otherwise, whatever the model could. */
  private static final int USUAL_CONTEXT_TOKENS = 4096;

  private static final Pattern NUM_CTX = Pattern.compile("(?m)^num_ctx\\s+(\\d{1,9})\\s*$");

  private final String baseUrl;
  private final Clock clock;
  private final ModelClient client;
  private final RequestOptions chat;
  private final RequestOptions tags;
  private final RequestOptions show;
  private final RequestOptions running;

  /** What was found out of a model, by the digest of its contents, which stays true. */
  private final Map<String, Shown> shown = new HashMap<>();

  private record Listed(String id, String digest, long modified) {}

  private record Shown(boolean chats, int contextTokens) {}

  /**
   * @param baseUrl {@link #USUAL_URL}, or where else it is
   * @throws IllegalArgumentException when the address is none
   */
  public OllamaProvider(Vertx vertx, String baseUrl, ClientOptions options, Clock clock) {
    this.baseUrl = baseUrl;
    this.clock = clock;
    this.client = new ModelClient(vertx, name(), baseUrl, null, Map.of(), options);
    this.chat = client.target(HttpMethod.POST, "/api/chat");
    this.tags = client.target(HttpMethod.GET, "/api/tags");
    this.show = client.target(HttpMethod.POST, "/api/show");
    this.running = client.target(HttpMethod.GET, "/api/ps");
  }

  @Override
  public String name() {
    return "ollama";
  }

  @Override
  public Future<List<ModelInfo>> models() {
    return client
        .look(tags, null)
        .map(json -> listed(tree(json)))
        .compose(
            models ->
                Future.join(models.stream().map(this::shown).toList())
                    .otherwiseEmpty()
                    .compose(v -> client.look(running, null).otherwise(new byte[0]))
                    .map(json -> infos(models, contexts(json))));
  }

  @Override
  public ProviderCall call(Job job, Answer answer) {
    ResponseReader reader =
        job.stream()
            ? new OllamaStream(client, job, clock, answer)
            : new WholeAnswer(client, answer, new OllamaReply(client.faults(), job, clock));
    Exchange exchange = client.exchange(chat, job, reader);
    client.send(exchange, job, () -> OllamaRequest.convert(job.body(), job.model(), job.stream()));
    return exchange;
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  @Override
  public String toString() {
    return "ollama at " + baseUrl;
  }

  private static List<Listed> listed(JsonNode tags) {
    List<Listed> models = new ArrayList<>();
    for (JsonNode model : tags.path("models")) {
      String id = model.path("model").asText(model.path("name").asText(""));
      if (!id.isEmpty()) {
        models.add(
            new Listed(
                id,
                model.path("digest").asText(id),
                seconds(model.path("modified_at").asText(""))));
      }
    }
    return models;
  }

  /** Asks for what the list does not say of a model, once; nothing is lost when it fails. */
  private Future<Void> shown(Listed model) {
    if (shown.containsKey(model.digest)) {
      return Future.succeededFuture();
    }
    byte[] body =
        Json.MAPPER
            .createObjectNode()
            .put("model", model.id)
            .toString()
            .getBytes(StandardCharsets.UTF_8);
    return client
        .look(show, body)
        .onSuccess(json -> shown.put(model.digest, shown(tree(json))))
        .mapEmpty();
  }

  private static Shown shown(JsonNode model) {
    JsonNode capabilities = model.path("capabilities");
    boolean chats = !capabilities.isArray() || capabilities.isEmpty();
    for (JsonNode capability : capabilities) {
      chats |= capability.asText().equals("completion");
    }
    Matcher set = NUM_CTX.matcher(model.path("parameters").asText(""));
    if (set.find()) {
      return new Shown(chats, Integer.parseInt(set.group(1)));
    }
    JsonNode info = model.path("model_info");
    int most = info.path(info.path("general.architecture").asText() + ".context_length").asInt(0);
    return new Shown(chats, most > 0 ? Math.min(most, USUAL_CONTEXT_TOKENS) : 0);
  }

  /** The contexts of the models that run now, which is the truth about them. */
  private static Map<String, Integer> contexts(byte[] json) {
    Map<String, Integer> contexts = new HashMap<>();
    for (JsonNode model : tree(json).path("models")) {
      int tokens = model.path("context_length").asInt(0);
      if (tokens > 0) {
        contexts.put(model.path("model").asText(model.path("name").asText("")), tokens);
      }
    }
    return contexts;
  }

  private List<ModelInfo> infos(List<Listed> models, Map<String, Integer> contexts) {
    List<ModelInfo> infos = new ArrayList<>();
    for (Listed model : models) {
      Shown known = shown.getOrDefault(model.digest, new Shown(true, 0));
      if (known.chats) {
        int tokens = contexts.getOrDefault(model.id, known.contextTokens);
        infos.add(new ModelInfo(model.id, name(), name(), model.modified, tokens));
      }
    }
    return infos;
  }

  private static JsonNode tree(byte[] json) {
    try {
      return json.length == 0 ? Json.MAPPER.createObjectNode() : Json.MAPPER.readTree(json);
    } catch (IOException e) {
      throw new FaultException(
          io.muster.bus.Failure.PROVIDER_ERROR, "ollama answered with something that is not JSON");
    }
  }

  private static long seconds(String date) {
    try {
      return date.isEmpty() ? 0 : Math.max(0, OffsetDateTime.parse(date).toEpochSecond());
    } catch (DateTimeException e) {
      return 0;
    }
  }
}
