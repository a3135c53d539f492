package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerSpec;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * An engine in memory, which can be away, fail a call, or give an answer late. Used on the event
 * loop, as the real one.
 */
final class PlayedEngine implements Engine {
  final Map<String, Played> containers = new LinkedHashMap<>();

  /** How often each call was made. */
  final Map<String, Integer> calls = new HashMap<>();

  /** What the next call of a name fails with; what it asks is done all the same. */
  final Map<String, RuntimeException> failing = new HashMap<>();

  /** Where the next answer of a name waits, which is as things were when it was asked for. */
  final Map<String, Promise<Void>> held = new HashMap<>();

  boolean away;

  /** Whether what is started has ended before anybody can look. */
  boolean shortLived;

  private int made;

  /** A container. */
  static final class Played {
    final String id;
    final String name;
    final ContainerSpec spec;
    final Map<String, String> labels;
    String state = "created";
    int exitCode;

    Played(String id, String name, ContainerSpec spec, Map<String, String> labels) {
      this.id = id;
      this.name = name;
      this.spec = spec;
      this.labels = labels;
    }
  }

  Played of(String claimId) {
    return containers.values().stream()
        .filter(each -> each.labels.get(Labels.CLAIM).equals(claimId))
        .findFirst()
        .orElse(null);
  }

  void exit(String claimId, int code) {
    of(claimId).state = "exited";
    of(claimId).exitCode = code;
  }

  int calls(String name) {
    return calls.getOrDefault(name, 0);
  }

  private <T> Future<T> answer(String call, T answer) {
    calls.merge(call, 1, Integer::sum);
    if (away) {
      return Future.failedFuture(new EngineAway("played"));
    }
    RuntimeException failure = failing.remove(call);
    Future<T> given =
        failure == null ? Future.succeededFuture(answer) : Future.failedFuture(failure);
    Promise<Void> wait = held.remove(call);
    return wait == null ? given : wait.future().compose(v -> given);
  }

  private static FaultException notFound(String id) {
    return new FaultException(Failure.NOT_FOUND, "the container engine: no container " + id);
  }

  @Override
  public Future<Facts> facts() {
    return answer("facts", new Facts("played", 1L << 40, 4));
  }

  @Override
  public Future<List<Seen>> list() {
    List<Seen> seen = new ArrayList<>();
    containers
        .values()
        .forEach(
            each ->
                seen.add(
                    new Seen(
                        each.id,
                        each.state.equals("running"),
                        each.state.equals("created"),
                        List.of(),
                        each.labels)));
    return answer("list", seen);
  }

  @Override
  public Future<Condition> condition(String id) {
    Played one = containers.get(id);
    return one == null
        ? Future.failedFuture(notFound(id))
        : answer(
            "condition", new Condition(one.state.equals("running"), one.exitCode, false, 1, 2));
  }

  @Override
  public Future<Boolean> hasImage(String image) {
    return answer("hasImage", true);
  }

  @Override
  public Pulling pull(String image, Consumer<JsonObject> progress) {
    return new Pulling(answer("pull", null), () -> calls.merge("stopPull", 1, Integer::sum));
  }

  @Override
  public Future<String> create(
      String name, ContainerSpec spec, List<Integer> gpuIds, Map<String, String> labels) {
    if (containers.values().stream().anyMatch(each -> each.name.equals(name))) {
      return Future.failedFuture(new FaultException(Failure.CONFLICT, name + " is taken"));
    }
    String id = "engine-id-" + ++made;
    if (!away) {
      containers.put(id, new Played(id, name, spec, labels));
    }
    return answer("create", id);
  }

  @Override
  public Future<Void> start(String id) {
    Played one = containers.get(id);
    if (one == null) {
      return Future.failedFuture(notFound(id));
    }
    if (!away && !failing.containsKey("start")) {
      one.state = shortLived ? "exited" : "running";
    }
    return answer("start", null);
  }

  @Override
  public Future<Void> stop(String id, int graceSeconds) {
    Played one = containers.get(id);
    if (one == null) {
      return Future.failedFuture(notFound(id));
    }
    if (!away) {
      one.state = "exited";
    }
    return answer("stop", null);
  }

  @Override
  public Future<Void> remove(String id) {
    if (!away) {
      containers.remove(id);
    }
    return answer("remove", null);
  }

  @Override
  public Future<JsonObject> inspect(String id) {
    return answer("inspect", new JsonObject());
  }

  @Override
  public Future<JsonObject> stats(String id) {
    return answer("stats", new JsonObject());
  }

  @Override
  public Runnable follow(String id, int tail, boolean follow, LineSink sink) {
    return () -> {};
  }

  @Override
  public Runnable watch(Runnable changed, Runnable ended) {
    return () -> {};
  }

  @Override
  public Future<Void> close() {
    return Future.succeededFuture();
  }
}
