package io.muster.worker.job;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.JobBatch;
import io.muster.job.JobMessage;
import io.muster.job.Usage;
import io.muster.node.NodeStats;
import io.muster.runtime.log.Logs;
import io.muster.worker.ops.JobMeter;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The jobs that this worker runs: takes them from hubs, hands them to providers, and sees that
 * every hub hears of its jobs, also when there is nothing to say. Used on one event loop only.
 */
public final class Jobs implements JobRun.Ended {
  private static final Logger log = LoggerFactory.getLogger(Jobs.class);
  private static final long MS = 1_000_000;

  /** How often it is looked whether the last frames have left. */
  private static final long LAST_FRAMES_MS = 20;

  /**
   * @param maxConcurrent jobs at once, at first; more are refused
   * @param ackAfterMs a job of which there is nothing else to say is acknowledged after this time
   * @param aliveEveryMs and again after so much silence
   * @param logAll logs every job, not only those that failed
   */
  public record Options(
      String nodeId, int maxConcurrent, long ackAfterMs, long aliveEveryMs, boolean logAll) {}

  private final Options options;
  private final Outbox.Outside outside;
  private final BiFunction<Job, Answer, ProviderCall> providers;
  private final Function<Job, JobMeter> meters;
  private final LongSupplier nanoTime;
  private final Map<Key, JobRun> runs = new HashMap<>();
  private final Map<String, Outbox> outboxes = new HashMap<>();
  private int maxConcurrent;
  private boolean draining;
  private Promise<Void> idle;
  private long completed;
  private long failed;
  private long cancelled;
  private long totalNanos;

  private record Key(String hubId, long ticket) {}

  /**
   * @param outgoing takes what the jobs bring
   * @param providers sends a job to the provider of its model
   * @param meters follows a job for the metrics
   */
  public Jobs(
      Options options,
      Outgoing outgoing,
      BiFunction<Job, Answer, ProviderCall> providers,
      Function<Job, JobMeter> meters,
      LongSupplier nanoTime) {
    this(options, (Outbox.Outside) outgoing, providers, meters, nanoTime);
  }

  Jobs(
      Options options,
      Outbox.Outside outside,
      BiFunction<Job, Answer, ProviderCall> providers,
      Function<Job, JobMeter> meters,
      LongSupplier nanoTime) {
    this.options = options;
    this.maxConcurrent = options.maxConcurrent();
    this.outside = outside;
    this.providers = providers;
    this.meters = meters;
    this.nanoTime = nanoTime;
  }

  /** As what a worker's own near service gives it jobs; no hub's id looks like this. */
  public static String nearHub(String nodeId) {
    return "near-" + nodeId;
  }

  /** What a hub sent at once. */
  public void receive(JobBatch batch) {
    batch.messages().forEach(this::receive);
  }

  /** What a hub sent. */
  public void receive(JobMessage message) {
    if (message instanceof JobMessage.Submit submit) {
      submit(submit);
      return;
    }
    Key key = new Key(message.hubId(), message.ticket());
    JobRun run = runs.get(key);
    if (run == null) {
      return;
    }
    if (message instanceof JobMessage.Cancel cancel) {
      cancel(run, cancel.reason());
    } else if (message instanceof JobMessage.Credit credit) {
      run.grant(credit.frames());
    }
  }

  /** Tells the hubs of jobs that are worked on in silence; called a few times a second. */
  public void sweep() {
    long now = nanoTime.getAsLong();
    for (JobRun run : new ArrayList<>(runs.values())) {
      if (run.spoke) {
        run.spoke = false;
        run.lastFrameAt = now;
      }
      long silentMs = (now - run.lastFrameAt) / MS;
      if (silentMs >= (run.acknowledged ? options.aliveEveryMs() : options.ackAfterMs())) {
        run.alive(now);
      }
      if ((now - run.startedAt) / MS > run.job.timeoutMs() + options.aliveEveryMs()) {
        // The hub should have cancelled it: it is gone, or its message was.
        cancel(run, "deadline");
      }
    }
    for (Outbox outbox : outboxes.values()) {
      outbox.check(now);
    }
  }

  /**
   * Takes no new work.
   *
   * @return when the last job has ended and its hub was told
   */
  public Future<Void> drain() {
    draining = true;
    if (idle == null) {
      idle = Promise.promise();
      completeIfIdle();
    }
    return idle.future();
  }

  /** Takes work again. */
  public void resume() {
    draining = false;
    idle = null;
  }

  /** Takes so many jobs at once from now on; those above that run on. */
  public void limit(int most) {
    maxConcurrent = most;
  }

  public boolean isDraining() {
    return draining;
  }

  /** What was done since the start. */
  public NodeStats stats() {
    long ended = completed + failed;
    return new NodeStats(
        runs.size(),
        completed,
        failed,
        cancelled,
        ended == 0 ? 0 : (double) totalNanos / ended / MS);
  }

  @Override
  public void completed(JobRun run, Usage usage) {
    long elapsed = remove(run);
    completed++;
    totalNanos += elapsed;
    Level level = options.logAll() ? Level.INFO : Level.DEBUG;
    if (log.isEnabledForLevel(level)) {
      log.atLevel(level)
          .addKeyValue(Logs.REQUEST, run.job.requestId())
          .log(
              "{} done in {} ms, {} + {} tokens",
              run.job.model(),
              elapsed / MS,
              usage.promptTokens(),
              usage.completionTokens());
    }
  }

  @Override
  public void failed(JobRun run, Fault fault) {
    long elapsed = remove(run);
    failed++;
    totalNanos += elapsed;
    log.atWarn()
        .addKeyValue(Logs.REQUEST, run.job.requestId())
        .log(
            "{} failed after {} ms: {}: {}",
            run.job.model(),
            elapsed / MS,
            fault.failure(),
            fault.message());
  }

  private void submit(JobMessage.Submit submit) {
    Job job = submit.job();
    Outbox outbox = outboxes.computeIfAbsent(submit.hubId(), this::outbox);
    Fault refusal = refusal();
    if (refusal != null) {
      outbox.add(new Frame.Failed(submit.ticket(), 0, refusal));
      return;
    }
    JobRun run =
        new JobRun(
            submit.hubId(),
            submit.ticket(),
            job,
            submit.credit(),
            outbox,
            this,
            meters.apply(job),
            nanoTime.getAsLong());
    runs.put(new Key(run.hubId, run.ticket), run);
    try {
      run.attach(providers.apply(job, run));
    } catch (RuntimeException e) {
      log.atError()
          .addKeyValue(Logs.REQUEST, job.requestId())
          .setCause(e)
          .log("the provider failed");
      run.failed(Fault.of(Failure.INTERNAL, "the provider's adapter failed: " + e.getMessage()));
    }
  }

  private Fault refusal() {
    if (draining) {
      return Fault.of(Failure.NODE_DRAINING, "node " + options.nodeId() + " takes no new work");
    }
    if (runs.size() >= maxConcurrent) {
      return Fault.of(
          Failure.NODE_BUSY,
          "node %s runs %d jobs already".formatted(options.nodeId(), runs.size()));
    }
    return null;
  }

  private Outbox outbox(String hubId) {
    return new Outbox(
        options.nodeId(), hubId, outside, nanoTime, cause -> hubGone(hubId, cause.getMessage()));
  }

  /** Nobody waits for the hub's jobs any more: the provider's connections are freed. */
  private void hubGone(String hubId, String why) {
    List<JobRun> orphans = new ArrayList<>();
    for (JobRun run : runs.values()) {
      if (run.hubId.equals(hubId)) {
        orphans.add(run);
      }
    }
    if (!orphans.isEmpty()) {
      log.warn("hub {} is gone ({}): its {} jobs end here", hubId, why, orphans.size());
    }
    orphans.forEach(run -> cancel(run, "the hub is gone"));
    outboxes.remove(hubId);
  }

  /**
   * No hub can be reached any more: what runs here ends, since its frames would have a gap, and the
   * hubs are told so if they are back within a moment; later they have found out themselves. What
   * the near service asked for goes on.
   */
  public void cutOff(String why) {
    String near = nearHub(options.nodeId());
    List<JobRun> orphans = runs.values().stream().filter(run -> !run.hubId.equals(near)).toList();
    outboxes.forEach(
        (hub, outbox) -> {
          if (!hub.equals(near)) {
            outbox.close();
          }
        });
    outboxes.keySet().removeIf(hub -> !hub.equals(near));
    if (!orphans.isEmpty()) {
      log.warn("{}: {} jobs end here", why, orphans.size());
    }
    for (JobRun run : orphans) {
      cancel(run, why);
      outboxes
          .computeIfAbsent(run.hubId, this::outbox)
          .add(new Frame.Failed(run.ticket, 0, Fault.of(Failure.NODE_LOST, why)));
    }
  }

  private void cancel(JobRun run, String reason) {
    run.cancel();
    long elapsed = remove(run);
    cancelled++;
    run.meter.failed(Fault.of(Failure.CANCELLED, reason));
    log.atInfo()
        .addKeyValue(Logs.REQUEST, run.job.requestId())
        .log("{} cancelled after {} ms: {}", run.job.model(), elapsed / MS, reason);
  }

  private long remove(JobRun run) {
    runs.remove(new Key(run.hubId, run.ticket));
    completeIfIdle();
    return nanoTime.getAsLong() - run.startedAt;
  }

  private void completeIfIdle() {
    if (idle != null && runs.isEmpty()) {
      // After the last frames have left: the hub must not hear of the end before them.
      outside.soon(this::completeIfTold);
    }
  }

  private void completeIfTold() {
    if (idle == null || !runs.isEmpty()) {
      return;
    }
    if (outboxes.values().stream().allMatch(Outbox::isEmpty)) {
      idle.tryComplete();
    } else {
      outside.later(LAST_FRAMES_MS, this::completeIfTold);
    }
  }
}
