package io.muster.worker;

import io.muster.node.ModelInfo;
import io.muster.runtime.ops.Access;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.TaskSettings;
import io.muster.worker.job.Jobs;
import io.muster.worker.provider.AnthropicProvider;
import io.muster.worker.provider.ClientOptions;
import io.muster.worker.provider.DemoProvider;
import io.muster.worker.provider.OllamaProvider;
import io.muster.worker.provider.OpenAiProvider;
import io.muster.worker.provider.Provider;
import io.muster.worker.provider.Providers;
import io.muster.worker.task.TaskRuns;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** What the settings mean to the parts of a worker. */
final class WorkerConfig {
  /** A job of which there is nothing else to say is acknowledged after so many milliseconds. */
  private static final long ACK_AFTER_MS = 100;

  /** And again after so much silence, well below any hub's patience. */
  private static final long ALIVE_EVERY_MS = 5_000;

  private final Settings settings;

  WorkerConfig(Settings settings) {
    this.settings = settings;
  }

  Jobs.Options jobs(String nodeId) {
    return new Jobs.Options(
        nodeId,
        settings.get(Catalogue.WORKER_MAX_CONCURRENT),
        ACK_AFTER_MS,
        ALIVE_EVERY_MS,
        settings.get(Catalogue.ACCESS_LOG));
  }

  TaskRuns.Options tasks(String nodeId) {
    return new TaskRuns.Options(
        nodeId,
        settings.get(Catalogue.WORKER_MAX_CONCURRENT),
        settings.get(TaskSettings.TASK_MAX_RESULT_BYTES),
        settings.get(TaskSettings.TASK_UNACKED_RESULTS));
  }

  /** Whether the demo tools are offered beside these models. */
  boolean demoTools(List<ModelInfo> models) {
    return switch (settings.get(TaskSettings.DEMO_TOOLS)) {
      case "on" -> true;
      case "off" -> false;
      default -> models.stream().anyMatch(model -> "demo".equals(model.provider()));
    };
  }

  /**
   * The providers that the settings name, in the order of preference.
   *
   * @param changed is told when the list of models changes
   */
  Providers providers(Vertx vertx, Clock clock, Consumer<List<ModelInfo>> changed) {
    ClientOptions client = ClientOptions.of(settings);
    String onlyModel = settings.find(Catalogue.DEFAULT_MODEL).orElse(null);
    List<Provider> configured = new ArrayList<>();
    List<Provider> detected = new ArrayList<>();
    if (settings.find(Catalogue.OPENAI_API_KEY).isPresent()
        || settings.isSet(Catalogue.OPENAI_BASE_URL)) {
      configured.add(
          new OpenAiProvider(
              vertx,
              new OpenAiProvider.Options(
                  "openai",
                  settings.get(Catalogue.OPENAI_BASE_URL).toString(),
                  settings.find(Catalogue.OPENAI_API_KEY).orElse(null),
                  onlyModel,
                  client)));
    }
    settings
        .find(Catalogue.ANTHROPIC_API_KEY)
        .ifPresent(
            key ->
                configured.add(
                    new AnthropicProvider(
                        vertx,
                        new AnthropicProvider.Options(
                            settings.get(Catalogue.ANTHROPIC_BASE_URL).toString(),
                            key,
                            settings.get(Catalogue.ANTHROPIC_VERSION),
                            settings.get(Catalogue.ANTHROPIC_MAX_TOKENS),
                            onlyModel,
                            client),
                        clock)));
    settings
        .find(Catalogue.OLLAMA_URL)
        .map(URI::toString)
        .ifPresentOrElse(
            url -> configured.add(new OllamaProvider(vertx, url, client, clock)),
            () -> {
              if (settings.get(Catalogue.OLLAMA_DETECT)) {
                detected.add(new OllamaProvider(vertx, OllamaProvider.USUAL_URL, client, clock));
              }
            });
    return new Providers(
        vertx,
        new Providers.Options(
            onlyModel,
            Providers.Demo.valueOf(settings.get(Catalogue.DEMO_MODEL).toUpperCase(Locale.ROOT)),
            settings.get(Catalogue.PROVIDER_REFRESH_MS)),
        configured,
        detected,
        new DemoProvider(vertx, settings.get(Catalogue.DEMO_TOKEN_DELAY_MS), clock),
        changed);
  }

  /** Whether a change of these settings takes other providers. */
  boolean providersAreOther(Set<String> changed) {
    Set<String> others = new HashSet<>(changed);
    others.remove(Catalogue.LOG_LEVEL.name());
    others.remove(AdminSettings.TOOLS_OFF.name());
    return !others.isEmpty();
  }

  /** Who may read the metrics. */
  Access readers() {
    return settings.get(Catalogue.METRICS_PUBLIC)
        ? Access.open()
        : Access.loopbackOrTokens(
            settings.find(Catalogue.METRICS_TOKEN).map(List::of).orElse(List.of()));
  }
}
