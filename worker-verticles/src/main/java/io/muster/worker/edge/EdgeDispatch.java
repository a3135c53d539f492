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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/**
 * Where near requests go: to this worker's own providers, and, where those have not the model or no
 * free place or fail before their first token, through a hub to the fleet. Used on the event loop.
 */
final class EdgeDispatch implements Dispatch, ModelCatalogue {
  private final String nodeId;
  private final OwnJobs jobs;
  private final OwnModels own;
  private final BiFunction<Job, Answer, ProviderCall> fleet;
  private final BooleanSupplier hubIsThere;
  private final Set<NearJob> running = new HashSet<>();
  private long fromOwn;
  private long fromFleet;

  /**
   * @param fleet calls a model through a hub
   * @param hubIsThere whether that can be tried now
   */
  EdgeDispatch(
      String nodeId,
      OwnJobs jobs,
      OwnModels own,
      BiFunction<Job, Answer, ProviderCall> fleet,
      BooleanSupplier hubIsThere) {
    this.nodeId = nodeId;
    this.jobs = jobs;
    this.own = own;
    this.fleet = fleet;
    this.hubIsThere = hubIsThere;
  }

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    NearJob near = new NearJob(this, job, listener);
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

  @Override
  public List<ModelInfo> models() {
    return own.models();
  }

  @Override
  public Optional<String> defaultModel() {
    return own.models().stream().findFirst().map(ModelInfo::id);
  }

  /** What the fleet has only a hub can say: it is asked. */
  @Override
  public boolean knows(String model) {
    return true;
  }

  @Override
  public int contextTokens(String model) {
    return own.models().stream()
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
