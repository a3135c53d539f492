package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Any server that speaks OpenAI's chat completions: requests and answers pass nearly untouched. */
public final class OpenAiProvider implements Provider {
  private static final Logger log = LoggerFactory.getLogger(OpenAiProvider.class);

  /** Models that answer no chat, by what vendors call them: listed last, never the default. */
  private static final Pattern NO_CHAT =
      Pattern.compile(
          "embed|whisper|tts|dall-e|moderation|transcri|realtime|-audio|image|sora|rerank"
              + "|babbage|davinci|-instruct-0914|computer-use");

  private final Options options;
  private final ModelClient client;
  private final RequestOptions chat;
  private final RequestOptions list;

  /** Whether the server takes {@code stream_options}; until it refuses, it does. */
  private boolean saysUsage = true;

  /**
   * Where the server is.
   *
   * @param name {@code openai}, or what else the provider is to be called
   * @param baseUrl with its version: {@code https://api.openai.com/v1}
   * @param apiKey null or empty for a server that wants none
   * @param onlyModel served when the server does not list its models, null for none
   */
  public record Options(
      String name, String baseUrl, String apiKey, String onlyModel, ClientOptions client) {
    @Override
    public String toString() {
      return name + " at " + baseUrl;
    }
  }

  /**
   * @throws IllegalArgumentException when the address is none
   */
  public OpenAiProvider(Vertx vertx, Options options) {
    this.options = options;
    String key = options.apiKey();
    boolean hasKey = key != null && !key.isBlank();
    this.client =
        new ModelClient(
            vertx,
            options.name(),
            options.baseUrl(),
            hasKey ? key.strip() : null,
            hasKey ? Map.of("authorization", "Bearer " + key.strip()) : Map.of(),
            options.client());
    this.chat = client.target(HttpMethod.POST, "/chat/completions");
    this.list = client.target(HttpMethod.GET, "/models");
  }

  @Override
  public String name() {
    return options.name();
  }

  @Override
  public Future<List<ModelInfo>> models() {
    return client.look(list, null).map(this::read);
  }

  @Override
  public ProviderCall call(Job job, Answer answer) {
    ResponseReader reader =
        job.stream()
            ? new OpenAiStream(client, job, answer, () -> withoutUsage(job))
            : new WholeAnswer(client, answer, new OpenAiCompletions(client.faults(), job));
    Exchange exchange = client.exchange(chat, job, reader);
    boolean askUsage = saysUsage;
    client.send(
        exchange, job, () -> RequestRewrite.apply(job.body(), job.model(), job.stream(), askUsage));
    return exchange;
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  private byte[] withoutUsage(Job job) {
    if (saysUsage) {
      log.info("{} takes no stream_options: usage is estimated", client.faults().server());
      saysUsage = false;
    }
    return RequestRewrite.apply(job.body(), job.model(), true, false);
  }

  private List<ModelInfo> read(byte[] json) {
    if (json.length == 0) {
      return onlyModel(options.onlyModel(), name(), 0);
    }
    List<ModelInfo> chats = new ArrayList<>();
    List<ModelInfo> others = new ArrayList<>();
    try {
      JsonNode root = Json.MAPPER.readTree(json);
      // OpenAI's form, and a bare list as some servers have it.
      for (JsonNode model : root.isArray() ? root : root.path("data")) {
        String id = model.path("id").asText("");
        if (!id.isEmpty()) {
          boolean noChat = NO_CHAT.matcher(id.toLowerCase(Locale.ROOT)).find();
          (noChat ? others : chats).add(model(id, model));
        }
      }
    } catch (IOException e) {
      Fault fault = client.faults().answeredWith("a list of models that is not JSON");
      throw new FaultException(fault);
    }
    chats.addAll(others);
    return chats;
  }

  /** What a provider serves that does not list its models: the one that the owner named, if any. */
  static List<ModelInfo> onlyModel(String named, String provider, int contextTokens) {
    if (named == null) {
      return List.of();
    }
    String prefix = provider + "/";
    String id = named.startsWith(prefix) ? named.substring(prefix.length()) : named;
    return List.of(new ModelInfo(id, provider, provider, 0, contextTokens));
  }

  private ModelInfo model(String id, JsonNode model) {
    return new ModelInfo(
        id,
        name(),
        model.path("owned_by").asText(name()),
        model.path("created").asLong(0),
        contextTokens(model));
  }

  /** OpenAI does not say it; others do, each by a name of its own. */
  private static int contextTokens(JsonNode model) {
    for (String name :
        List.of("max_model_len", "context_length", "context_window", "max_context_length")) {
      if (model.path(name).canConvertToInt() && model.path(name).asInt() > 0) {
        return model.path(name).asInt();
      }
    }
    return model.path("meta").path("n_ctx").asInt(model.path("meta").path("n_ctx_train").asInt(0));
  }
}
