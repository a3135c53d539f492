package io.muster.worker.edge;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.http.ModelCatalogue;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Where near requests go: to this worker's own providers, and, where those have not the model or no
 * free place or fail before their first token, through a hub to the fleet. Used on the event loop.
 */
final class EdgeDispatch implements Dispatch, ModelCatalogue {
  private final String nodeId;
  private final OwnJobs jobs;
  private final OwnModels own;
  private final BiFunction<Job, Answer, ProviderCall> fleet;
  private final FleetList list;
  private final BooleanSupplier hubIsThere;
  private final LongSupplier nanoTime;
  private final Set<NearJob> running = new HashSet<>();
  private long fromOwn;
  private long fromFleet;

  /**
   * @param fleet calls a model through a hub
   * @param list of the models that may be called so
   * @param hubIsThere whether that can be tried now
   */
  EdgeDispatch(
      String nodeId,
      OwnJobs jobs,
      OwnModels own,
      BiFunction<Job, Answer, ProviderCall> fleet,
      FleetList list,
      BooleanSupplier hubIsThere,
      LongSupplier nanoTime) {
    this.nodeId = nodeId;
    this.jobs = jobs;
    this.own = own;
    this.fleet = fleet;
    this.list = list;
    this.hubIsThere = hubIsThere;
    this.nanoTime = nanoTime;
  }

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    NearJob near = new NearJob(this, job, listener, nanoTime);
    running.add(near);
    if (servesItself(job.model())) {
      near.tryOwn();
    } else {
      near.tryFleet(
          Fault.of(
              Failure.NO_CAPACITY,
              "This node does not serve %s, and no hub is there to ask.".formatted(job.model()),
              2000));
    }
    return near;
  }

  /** This worker's first: where the fleet has one of the same name, it is not asked for it. */
  @Override
  public List<ModelInfo> models() {
    Map<String, ModelInfo> all = new LinkedHashMap<>();
    own.models().forEach(model -> all.putIfAbsent(model.id(), model));
    list.models().forEach(model -> all.putIfAbsent(model.id(), model));
    return List.copyOf(all.values());
  }

  @Override
  public Optional<String> defaultModel() {
    return own.models().stream().findFirst().map(ModelInfo::id).or(list::defaultModel);
  }

  /** What the fleet has now only a hub can say: it is asked. */
  @Override
  public boolean knows(String model) {
    return true;
  }

  @Override
  public int contextTokens(String model) {
    return models().stream()
        .filter(info -> isMeant(info, model))
        .mapToInt(ModelInfo::contextTokens)
        .findFirst()
        .orElse(0);
  }

  private boolean servesItself(String model) {
    return own.models().stream().anyMatch(info -> isMeant(info, model));
  }

  private static boolean isMeant(ModelInfo info, String model) {
    return info.id().equals(model) || (info.provider() + "/" + info.id()).equals(model);
  }

  String nodeId() {
    return nodeId;
  }

  OwnJobs jobs() {
    return jobs;
  }

  /** Through a hub; null where none is there. */
  ProviderCall call(Job job, Answer answer) {
    return hubIsThere.getAsBoolean() ? fleet.apply(job, answer) : null;
  }

  void over(NearJob job, boolean byOwn) {
    if (running.remove(job)) {
      if (byOwn) {
        fromOwn++;
      } else {
        fromFleet++;
      }
    }
  }

  void receive(FrameBatch batch) {
    jobs.receive(batch);
  }

  void sweep() {
    list.refresh();
    jobs.sweep();
  }

  int running() {
    return running.size();
  }

  long fromOwn() {
    return fromOwn;
  }

  long fromFleet() {
    return fromFleet;
  }
}
