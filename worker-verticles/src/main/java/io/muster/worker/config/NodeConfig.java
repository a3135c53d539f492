package io.muster.worker.config;

import io.muster.node.NodeAnswer.ConfigOutcome;
import io.muster.node.NodeCommand.ApplyConfig;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.LiveSettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up what a hub sends, one after the other, each as a whole or not at all: where anything of
 * it is wrong or cannot be applied, the worker keeps what it had. Used on the event loop.
 */
public final class NodeConfig {
  private static final Logger log = LoggerFactory.getLogger(NodeConfig.class);

  private final Settings own;
  private final Applier applier;
  private Settings effective;
  private Map<String, String> values = Map.of();
  private Future<?> last = Future.succeededFuture();

  /** Makes settings hold. */
  public interface Applier {
    /**
     * @param changed names of the settings whose values are others than before
     * @return fails, with the reason as its message, where it cannot; nothing has changed then
     */
    Future<Void> apply(Settings next, Set<String> changed);
  }

  /**
   * @param own what the process was started with
   */
  public NodeConfig(Settings own, Applier applier) {
    this.own = own;
    this.effective = own;
    this.applier = applier;
  }

  /** What holds now. */
  public Settings effective() {
    return effective;
  }

  /** What a hub sent. */
  public Future<ConfigOutcome> take(ApplyConfig wanted) {
    Future<ConfigOutcome> next = last.transform(done -> apply(wanted));
    last = next;
    return next;
  }

  private Future<ConfigOutcome> apply(ApplyConfig wanted) {
    if (wanted.values().equals(values)) {
      return Future.succeededFuture(new ConfigOutcome(wanted.version(), null));
    }
    if (!own.get(AdminSettings.CONFIG_FROM_HUB) && !wanted.values().isEmpty()) {
      return refused(wanted, "CONFIG_FROM_HUB=false: the node's owner keeps its settings");
    }
    Settings next;
    try {
      next = LiveSettings.over(own, wanted.values(), "hub, version " + wanted.version());
    } catch (StartRefused wrong) {
      return refused(wanted, String.join("; ", wrong.reasons()));
    }
    Set<String> changed = changed(wanted.values());
    return applier
        .apply(next, changed)
        .map(
            v -> {
              log.info("takes up {} of the hub's version {}", changed, wanted.version());
              effective = next;
              values = wanted.values();
              return new ConfigOutcome(wanted.version(), null);
            })
        .recover(cause -> refused(wanted, cause.getMessage()));
  }

  private Set<String> changed(Map<String, String> next) {
    Set<String> changed = new HashSet<>(values.keySet());
    changed.addAll(next.keySet());
    changed.removeIf(name -> Objects.equals(values.get(name), next.get(name)));
    return changed;
  }

  private Future<ConfigOutcome> refused(ApplyConfig wanted, String reason) {
    log.warn("does not take up the hub's version {}: {}", wanted.version(), reason);
    return Future.succeededFuture(new ConfigOutcome(wanted.version(), reason));
  }
}
