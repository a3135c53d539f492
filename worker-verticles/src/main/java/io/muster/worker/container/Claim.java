package io.muster.worker.container;

import io.muster.container.ContainerAnswer.Told;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.PortMapping;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A claim as this node sees it; used on the event loop. {@link ContainerInfo.State} says what may
 * come after what.
 */
final class Claim {
  final ContainerSpec spec;
  final String hash;
  final long createdAt;
  private final List<Consumer<Told>> listeners = new ArrayList<>();

  List<Integer> gpuIds = List.of();

  /** Whether it is to run. */
  boolean wanted = true;

  /** Whether it ever ran: then it is not made again for somebody who removed it by hand. */
  boolean started;

  boolean removing;
  int grace;

  /** Whether the engine or this process was away, so that its end may have been theirs. */
  boolean cutOff;

  /** Whether the engine works on it: nothing else is begun then. */
  boolean busy;

  /** Whether it is to be looked at again when the engine has done what it works on. */
  boolean again;

  /** When the engine had last done something with it, in {@link Settling}'s order. */
  long movedAt;

  String containerId;
  List<PortMapping> ports = List.of();
  long startedAt;
  long finishedAt;
  Integer exitCode;
  int restarts;

  /** Ends in a row before it had recovered. */
  int failures;

  String error;
  String health;
  long timer = -1;

  /** Done when whoever asked for it first was answered; failed where nothing is left of it. */
  Future<?> made = Future.succeededFuture();

  /** Ends the fetching of its image; nothing where none is fetched. */
  Runnable stopFetching = () -> {};

  /** Those who wait for the engine to have done what it works on. */
  final List<Promise<Void>> whenIdle = new ArrayList<>();

  /** Those who wait for its being removed. */
  final List<Promise<Void>> whenGone = new ArrayList<>();

  private State state = State.PENDING;

  Claim(ContainerSpec spec, String hash, long createdAt) {
    this.spec = spec;
    this.hash = hash;
    this.createdAt = createdAt;
  }

  static Claim of(ClaimFiles.Kept kept) {
    Claim claim = new Claim(kept.spec(), kept.hash(), kept.createdAt());
    claim.gpuIds = kept.gpuIds() == null ? List.of() : kept.gpuIds();
    claim.wanted = kept.wanted();
    claim.started = kept.started();
    claim.removing = kept.removing();
    claim.restarts = kept.restarts();
    claim.cutOff = true;
    if (claim.removing) {
      claim.state = State.REMOVING;
    } else if (!claim.wanted) {
      claim.state = State.STOPPED;
    }
    return claim;
  }

  String id() {
    return spec.claimId();
  }

  State state() {
    return state;
  }

  /** Whether a container is its own, not one of an earlier claim of its name. */
  boolean has(Engine.Seen seen) {
    return Labels.hash(seen.labels()).equals(hash) && Labels.gpus(seen.labels()).equals(gpuIds);
  }

  /** Not where it is known by its container's labels alone. */
  boolean hasItsEnvironment() {
    return spec.env().stream().allMatch(variable -> variable.contains("="));
  }

  /** Tells those who follow it. */
  void become(State next) {
    if (state != next) {
      state = next;
      tellState();
    }
  }

  boolean isServer() {
    return spec.server() != null;
  }

  void listen(Consumer<Told> listener) {
    listeners.add(listener);
    listener.accept(stateTold());
  }

  void ignore(Consumer<Told> listener) {
    listeners.remove(listener);
  }

  void tell(String kind, JsonObject data) {
    Told told = new Told(kind, data.encode());
    List.copyOf(listeners).forEach(listener -> listener.accept(told));
  }

  private void tellState() {
    List.copyOf(listeners).forEach(listener -> listener.accept(stateTold()));
  }

  private Told stateTold() {
    JsonObject data =
        new JsonObject()
            .put("claim_id", id())
            .put("state", ContainerJson.name(state))
            .put("container_id", containerId);
    if (exitCode != null) {
      data.put("exit_code", exitCode);
    }
    if (error != null) {
      data.put("error", error);
    }
    return new Told("state", data.encode());
  }

  ContainerInfo info(String nodeId) {
    return new ContainerInfo(
        nodeId,
        spec.withoutEnv(),
        hash,
        containerId,
        state,
        gpuIds,
        ports.isEmpty() ? spec.ports() : ports,
        createdAt,
        startedAt,
        finishedAt,
        exitCode,
        restarts,
        error,
        health);
  }

  ClaimFiles.Kept kept() {
    return new ClaimFiles.Kept(spec, hash, gpuIds, wanted, started, removing, createdAt, restarts);
  }
}
