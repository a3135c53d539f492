package io.muster.worker.provider;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All providers of a worker: knows by whom each model is served, keeps that up to date in the
 * background, and sends each job to the right one. Where two serve the same model, the first wins.
 */
public final class Providers {
  private static final Logger log = LoggerFactory.getLogger(Providers.class);

  /** How long {@link #start} waits for a provider that does not answer. */
  private static final long START_WAIT_MS = 3_000;

  private static final ProviderCall NO_CALL = new NoCall();

  /** When the demo model is there. */
  public enum Demo {
    /** When no provider is configured, and none was found that has models. */
    AUTO,
    ON,
    OFF
  }

  /**
   * @param defaultModel the one that is listed first, null for the first model of the first
   *     provider
   * @param refreshMs milliseconds after which a provider's models are looked at again
   */
  public record Options(String defaultModel, Demo demo, long refreshMs) {}

  /**
   * How a provider is.
   *
   * @param models how many it serves
   * @param problem why its models could not be listed the last time, null when they could
   */
  public record Status(String name, int models, String problem) {}

  private final Vertx vertx;
  private final Options options;
  private final Consumer<List<ModelInfo>> changed;
  private final List<ModelSource> sources = new ArrayList<>();
  private final ModelSource demo;
  private final Map<String, ModelSource> byModel = new HashMap<>();

  private List<ModelInfo> models = List.of();
  private boolean started;
  private boolean warned;

  /**
   * @param configured in the order of preference
   * @param detected those that may be there without having been configured; asked for more often
   * @param demo the built-in model
   * @param changed is told the new list, on the event loop, whenever it changed after the start
   */
  public Providers(
      Vertx vertx,
      Options options,
      List<Provider> configured,
      List<Provider> detected,
      Provider demo,
      Consumer<List<ModelInfo>> changed) {
    this.vertx = vertx;
    this.options = options;
    this.changed = changed;
    configured.forEach(p -> sources.add(new ModelSource(vertx, p, true, options, this::rebuild)));
    detected.forEach(p -> sources.add(new ModelSource(vertx, p, false, options, this::rebuild)));
    this.demo = new ModelSource(vertx, demo, false, options, this::rebuild);
  }

  /**
   * Looks at all providers; called on the event loop.
   *
   * @return the models, when all have answered or failed, or a few seconds are over
   */
  public Future<List<ModelInfo>> start() {
    Promise<Void> first = Promise.promise();
    List<Future<Void>> looks = new ArrayList<>();
    looks.add(demo.start());
    sources.forEach(source -> looks.add(source.start()));
    long timer = vertx.setTimer(START_WAIT_MS, id -> first.tryComplete());
    Future.join(looks)
        .onComplete(
            all -> {
              vertx.cancelTimer(timer);
              first.tryComplete();
            });
    return first
        .future()
        .map(
            v -> {
              started = true;
              return models;
            });
  }

  /** Asks one more provider, after those there are; its models appear once it has listed them. */
  public void add(Provider provider) {
    ModelSource source = new ModelSource(vertx, provider, true, options, this::rebuild);
    sources.add(source);
    source.start();
  }

  /** Closes one that was added; its models are gone at once. */
  public void remove(Provider provider) {
    for (ModelSource source : List.copyOf(sources)) {
      if (source.isOf(provider)) {
        sources.remove(source);
        source.close();
        rebuild();
      }
    }
  }

  /** The models served now, the default first. */
  public List<ModelInfo> models() {
    return models;
  }

  /** How each provider is; the demo model and detected ones only when they are there. */
  public List<Status> status() {
    List<Status> all = new ArrayList<>();
    for (ModelSource source : sources) {
      if (source.shows()) {
        all.add(source.status());
      }
    }
    if (demoServes()) {
      all.add(demo.status());
    }
    return all;
  }

  /**
   * Sends a job to the provider of its model; {@code provider/model} names one explicitly. See
   * {@link Provider#call}.
   */
  public ProviderCall call(Job job, Answer answer) {
    ModelSource source = byModel.get(job.model());
    if (source != null) {
      return source.call(job, answer);
    }
    int slash = job.model().indexOf('/');
    if (slash > 0) {
      source = byName(job.model().substring(0, slash));
      if (source != null) {
        return source.call(withModel(job, job.model().substring(slash + 1)), answer);
      }
    }
    Fault fault =
        Fault.of(Failure.MODEL_NOT_FOUND, "no provider here serves the model " + job.model());
    vertx.runOnContext(v -> answer.failed(fault));
    return NO_CALL;
  }

  public Future<Void> close() {
    List<Future<Void>> closed = new ArrayList<>();
    sources.forEach(source -> closed.add(source.close()));
    closed.add(demo.close());
    return Future.join(closed).mapEmpty();
  }

  private ModelSource byName(String name) {
    for (ModelSource source : sources) {
      if (source.name().equals(name)) {
        return source;
      }
    }
    return demoServes() && demo.name().equals(name) ? demo : null;
  }

  private boolean demoServes() {
    if (options.demo() != Demo.AUTO) {
      return options.demo() == Demo.ON;
    }
    for (ModelSource source : sources) {
      if (source.configured() || !source.models().isEmpty()) {
        return false;
      }
    }
    return true;
  }

  private void rebuild() {
    List<ModelInfo> all = new ArrayList<>();
    byModel.clear();
    for (ModelSource source : sources) {
      add(source, all);
    }
    if (demoServes()) {
      add(demo, all);
    }
    putDefaultFirst(all);
    if (!all.equals(models)) {
      models = List.copyOf(all);
      log.info("serves {}", models.isEmpty() ? "no models" : count(models));
      if (started) {
        changed.accept(models);
      }
    }
  }

  private void add(ModelSource source, List<ModelInfo> all) {
    for (ModelInfo model : source.models()) {
      if (byModel.putIfAbsent(model.id(), source) == null) {
        all.add(model);
      }
    }
  }

  private void putDefaultFirst(List<ModelInfo> all) {
    String wanted = options.defaultModel();
    if (wanted == null || wanted.isBlank()) {
      return;
    }
    for (int i = 0; i < all.size(); i++) {
      ModelInfo model = all.get(i);
      if (model.id().equals(wanted) || (model.provider() + "/" + model.id()).equals(wanted)) {
        all.remove(i);
        all.add(0, model);
        return;
      }
    }
    if (!warned && sources.stream().allMatch(ModelSource::looked)) {
      warned = true;
      log.warn("DEFAULT_MODEL={}: no provider lists this model", wanted);
    }
  }

  /** {@code models: 3 of openai, 1 of ollama, first gpt-4o}. */
  private static String count(List<ModelInfo> models) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    models.forEach(model -> counts.merge(model.provider(), 1, Integer::sum));
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (provider, number) ->
            text.append(text.length() == 0 ? "" : ", ")
                .append(number)
                .append(" of ")
                .append(provider));
    return text.insert(0, "models: ").append(", first ").append(models.get(0).id()).toString();
  }

  private static Job withModel(Job job, String model) {
    return new Job(
        job.id(),
        job.requestId(),
        job.kind(),
        model,
        job.stream(),
        job.affinity(),
        job.priority(),
        job.timeoutMs(),
        job.body());
  }

  private static final class NoCall implements ProviderCall {
    @Override
    public void cancel() {}

    @Override
    public void pause() {}

    @Override
    public void resume() {}
  }

  /** Passes on, and looks at the provider again soon after it failed in a way that concerns it. */
  record Watching(ModelSource source, Answer answer) implements Answer {
    @Override
    public void events(byte[] events, int count) {
      answer.events(events, count);
    }

    @Override
    public void done(String finishReason, Usage usage, byte[] body) {
      answer.done(finishReason, usage, body);
    }

    @Override
    public void failed(Fault fault) {
      switch (fault.failure()) {
        case PROVIDER_ERROR, PROVIDER_TIMEOUT, PROVIDER_AUTH, MODEL_NOT_FOUND -> source.doubt();
        default -> {}
      }
      answer.failed(fault);
    }
  }
}
