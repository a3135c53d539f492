package io.muster.worker.config;

import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.Provider;
import io.muster.worker.provider.ProviderCall;
import io.muster.worker.provider.Providers;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The providers of this worker, which others can replace while it runs: calls that were begun end
 * at the old ones, which are closed after the last of them. Used on the event loop.
 */
public final class LiveProviders {
  private final Map<String, Supplier<Provider>> added = new LinkedHashMap<>();
  private Generation current;

  public LiveProviders(Providers first) {
    current = new Generation(first);
  }

  /** See {@link Providers#start}. */
  public Future<List<ModelInfo>> start() {
    return current.providers.start();
  }

  /** See {@link Providers#call}. */
  public ProviderCall call(Job job, Answer answer) {
    return current.call(job, answer);
  }

  public List<ModelInfo> models() {
    return current.providers.models();
  }

  public List<Providers.Status> status() {
    return current.providers.status();
  }

  /**
   * Serves the models of one more provider from now on, whatever the settings become.
   *
   * @param name of this addition, unique
   * @param provider makes it; again where the others are replaced
   */
  public void add(String name, Supplier<Provider> provider) {
    added.put(name, provider);
    current.add(name, provider.get());
  }

  /** Serves them no longer; calls that it works on are cut off. */
  public void remove(String name) {
    if (added.remove(name) != null) {
      current.remove(name);
    }
  }

  /**
   * Puts others in the place of these.
   *
   * @return fails, with the reason, where one of them cannot be reached that could before, or was
   *     not there; the old ones stay then
   */
  public Future<Void> replace(Providers next) {
    return next.start()
        .compose(
            models -> {
              String trouble = newTrouble(next);
              if (trouble != null) {
                return next.close()
                    .transform(closed -> Future.failedFuture(new IllegalStateException(trouble)));
              }
              Generation old = current;
              current = new Generation(next);
              added.forEach((name, provider) -> current.add(name, provider.get()));
              old.retire();
              return Future.succeededFuture();
            });
  }

  public Future<Void> close() {
    return current.providers.close();
  }

  private String newTrouble(Providers next) {
    Set<String> already = new HashSet<>();
    for (Providers.Status status : current.providers.status()) {
      if (status.problem() != null) {
        already.add(status.name());
      }
    }
    for (Providers.Status status : next.status()) {
      if (status.problem() != null && !already.contains(status.name())) {
        return "provider " + status.name() + ": " + status.problem();
      }
    }
    return null;
  }

  /** Providers, and how many calls they work on. */
  private static final class Generation {
    private final Providers providers;
    private final Map<String, Provider> more = new HashMap<>();
    private int calls;
    private boolean retired;

    Generation(Providers providers) {
      this.providers = providers;
    }

    void add(String name, Provider provider) {
      remove(name);
      more.put(name, provider);
      providers.add(provider);
    }

    void remove(String name) {
      Provider provider = more.remove(name);
      if (provider != null) {
        providers.remove(provider);
      }
    }

    ProviderCall call(Job job, Answer answer) {
      Counted counted = new Counted(answer);
      calls++;
      try {
        counted.call = providers.call(job, counted);
      } catch (RuntimeException e) {
        counted.end();
        throw e;
      }
      return counted;
    }

    void retire() {
      retired = true;
      closeWhenIdle();
    }

    private void closeWhenIdle() {
      if (retired && calls == 0) {
        providers.close();
      }
    }

    private final class Counted implements Answer, ProviderCall {
      private final Answer answer;
      private ProviderCall call;
      private boolean ended;

      Counted(Answer answer) {
        this.answer = answer;
      }

      void end() {
        if (!ended) {
          ended = true;
          calls--;
          closeWhenIdle();
        }
      }

      @Override
      public void events(byte[] events, int count) {
        answer.events(events, count);
      }

      @Override
      public void done(String finishReason, Usage usage, byte[] body) {
        answer.done(finishReason, usage, body);
        end();
      }

      @Override
      public void failed(Fault fault) {
        answer.failed(fault);
        end();
      }

      @Override
      public void cancel() {
        call.cancel();
        end();
      }

      @Override
      public void pause() {
        call.pause();
      }

      @Override
      public void resume() {
        call.resume();
      }
    }
  }
}
