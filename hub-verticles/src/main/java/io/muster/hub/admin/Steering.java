package io.muster.hub.admin;

import io.muster.hub.admin.SteeringStore.Drain;
import io.muster.hub.admin.SteeringStore.Steered;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What administrators want of the nodes, in memory: who gets no work, who has which tags. The
 * database holds it; this is read again when a hub has changed it, and once in a while. Used on the
 * hub's event loop.
 */
public final class Steering implements NodeTags {
  private final SteeringStore store;
  private final Clock clock;
  private final Runnable tellHubs;
  private final Consumer<Predicate<String>> hold;
  private Steered now = Steered.NONE;
  private long looks;
  private long newest;
  private Runnable changed = () -> {};

  /**
   * @param hold takes which nodes get no new work
   * @param tellHubs says to all hubs that there is something to read
   */
  Steering(SteeringStore store, Clock clock, Consumer<Predicate<String>> hold, Runnable tellHubs) {
    this.store = store;
    this.clock = clock;
    this.hold = hold;
    this.tellHubs = tellHubs;
  }

  /** Is run when tags may be others. */
  void whenChanged(Runnable action) {
    changed = action;
  }

  /** Reads it again; of two readings under way the one begun later counts, whichever ends last. */
  Future<Void> load() {
    long look = ++looks;
    return store
        .load()
        .onSuccess(
            loaded -> {
              if (look < newest) {
                return;
              }
              newest = look;
              boolean otherTags = !loaded.tags().equals(now.tags());
              boolean otherDrains = !loaded.drained().equals(now.drained());
              now = loaded;
              if (otherDrains) {
                hold.accept(now.drained()::containsKey);
              }
              if (otherTags) {
                changed.run();
              }
            })
        .mapEmpty();
  }

  Future<Void> drain(String nodeId, String by) {
    return store.drain(nodeId, by, clock.millis()).compose(v -> spread());
  }

  Future<Void> resume(String nodeId) {
    return store.resume(nodeId).compose(v -> spread());
  }

  Future<Void> tag(String nodeId, Set<String> tags) {
    return store.tag(nodeId, tags).compose(v -> spread());
  }

  Future<Void> group(String name, Set<String> tags) {
    return store.group(name, tags).compose(v -> spread());
  }

  Future<Boolean> removeGroup(String name) {
    return store.removeGroup(name).compose(removed -> spread().map(removed));
  }

  Future<Void> forget(String nodeId) {
    return store.forget(nodeId).compose(v -> spread());
  }

  Optional<Drain> drained(String nodeId) {
    return Optional.ofNullable(now.drained().get(nodeId));
  }

  @Override
  public Set<String> of(String nodeId) {
    return Collections.unmodifiableSet(now.tags().getOrDefault(nodeId, Set.of()));
  }

  /** The tags of each group, by its name. */
  Map<String, Set<String>> groups() {
    return Collections.unmodifiableMap(now.groups());
  }

  /** Whether a node has all tags of the group. */
  boolean isIn(String nodeId, String group) {
    Set<String> tags = now.groups().get(group);
    return tags != null && of(nodeId).containsAll(tags);
  }

  private Future<Void> spread() {
    tellHubs.run();
    return load();
  }
}
