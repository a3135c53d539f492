package io.muster.worker.container;

import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.Provider;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import java.util.List;

/** A provider whose models are those that its owner named, whatever else it lists. */
record NamedModels(Provider provider, List<String> names) implements Provider {
  @Override
  public String name() {
    return provider.name();
  }

  @Override
  public Future<List<ModelInfo>> models() {
    return provider
        .models()
        .map(
            listed ->
                names.stream()
                    .map(
                        name ->
                            listed.stream()
                                .filter(model -> model.id().equals(name))
                                .findFirst()
                                .orElseGet(
                                    () -> new ModelInfo(name, name(), name(), 0, context(listed))))
                    .toList());
  }

  /** Where there is one model, it is the one that is meant. */
  private static int context(List<ModelInfo> listed) {
    return listed.size() == 1 ? listed.get(0).contextTokens() : 0;
  }

  @Override
  public ProviderCall call(Job job, Answer answer) {
    return provider.call(job, answer);
  }

  @Override
  public Future<Void> close() {
    return provider.close();
  }
}
