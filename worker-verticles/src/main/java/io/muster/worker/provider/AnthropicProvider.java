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
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Anthropic's messages API, or a server that speaks it. */
public final class AnthropicProvider implements Provider {
  /** What Anthropic documents for all of its models, where the list does not say. */
  private static final int CLAUDE_CONTEXT_TOKENS = 200_000;

  private final Options options;
  private final Clock clock;
  private final ModelClient client;
  private final RequestOptions messages;
  private final RequestOptions list;

  /**
   * Where the server is.
   *
   * @param baseUrl {@code https://api.anthropic.com}, with or without its {@code /v1}
   * @param version the {@code anthropic-version} header
   * @param maxTokens of answers to requests that name no limit
   * @param onlyModel served when the server does not list its models, null for none
   */
  public record Options(
      String baseUrl,
      String apiKey,
      String version,
      int maxTokens,
      String onlyModel,
      ClientOptions client) {
    @Override
    public String toString() {
      return "anthropic at " + baseUrl;
    }
  }

  /**
   * @throws IllegalArgumentException when the address is none
   */
  public AnthropicProvider(Vertx vertx, Options options, Clock clock) {
    this.options = options;
    this.clock = clock;
    String key = options.apiKey() == null ? "" : options.apiKey().strip();
    this.client =
        new ModelClient(
            vertx,
            name(),
            options.baseUrl().strip().replaceFirst("(/v1)?/*$", ""),
            key,
            Map.of("x-api-key", key, "anthropic-version", options.version()),
            options.client());
    this.messages = client.target(HttpMethod.POST, "/v1/messages");
    this.list = client.target(HttpMethod.GET, "/v1/models?limit=1000");
  }

  @Override
  public String name() {
    return "anthropic";
  }

  @Override
  public Future<List<ModelInfo>> models() {
    return client.look(list, null).map(this::read);
  }

  @Override
  public ProviderCall call(Job job, Answer answer) {
    ResponseReader reader =
        job.stream()
            ? new AnthropicStream(client, job, clock, answer)
            : new WholeAnswer(client, answer, new AnthropicMessages(client.faults(), clock));
    Exchange exchange = client.exchange(messages, job, reader);
    client.send(
        exchange,
        job,
        () ->
            AnthropicRequest.convert(
                job.body(), job.model(), job.stream(), options.version(), options.maxTokens()));
    return exchange;
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  private List<ModelInfo> read(byte[] json) {
    if (json.length == 0) {
      return OpenAiProvider.onlyModel(options.onlyModel(), name(), CLAUDE_CONTEXT_TOKENS);
    }
    List<ModelInfo> models = new ArrayList<>();
    try {
      for (JsonNode model : Json.MAPPER.readTree(json).path("data")) {
        String id = model.path("id").asText("");
        if (!id.isEmpty()) {
          models.add(
              new ModelInfo(
                  id,
                  name(),
                  name(),
                  created(model.path("created_at").asText("")),
                  model.path("max_input_tokens").asInt(CLAUDE_CONTEXT_TOKENS)));
        }
      }
    } catch (IOException e) {
      throw new FaultException(client.faults().answeredWith("a list of models that is not JSON"));
    }
    return models;
  }

  private static long created(String date) {
    try {
      return date.isEmpty() ? 0 : Math.max(0, Instant.parse(date).getEpochSecond());
    } catch (DateTimeException e) {
      return 0;
    }
  }
}
