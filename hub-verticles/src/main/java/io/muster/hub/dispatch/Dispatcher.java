package io.muster.hub.dispatch;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.node.Node;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs, finds each a node, and follows it to its end: queue → node → track. Before the first
 * piece of an answer a failed job is tried on another node; after it the failure is told. Used on
 * the hub's event loop only; everything outside comes in by {@link Outside}, so that it can be
 * tried without a bus.
 */
public final class Dispatcher implements Dispatch {
  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
  private static final long MS = 1_000_000;

  /**
   * @param ackTimeoutMs a node that has not acknowledged a job by then does not have it
   * @param silenceTimeoutMs a node that says nothing of a job for so long has lost it
   * @param queueSize jobs that may wait
   * @param queueTimeoutMs how long a job may wait
   * @param maxTries how often a job is tried, the first time included
   * @param keepBytes what is kept of each stream
   * @param credit pieces of a stream that may be under way
   */
  public record Options(
      long ackTimeoutMs,
      long silenceTimeoutMs,
      int queueSize,
      long queueTimeoutMs,
      int maxTries,
      int retryPercent,
      int retryMinPerSecond,
      int keepBytes,
      int credit) {}

  /** What the dispatcher needs of the world. */
  public interface Outside {
    /** Sends to a node; {@code undelivered} is run when it surely did not arrive. */
    void send(String nodeId, JobMessage message, Runnable undelivered);

    /** Runs something later on the same event loop. */
    void later(long ms, Runnable action);
  }

  private final String hubId;
  private final Options options;
  private final NodeRegistry registry;
  private final Balancer balancer;
  private final Outside outside;
  private final JobObserver observer;
  private final LongSupplier nanoTime;
  private final JobQueue queue;
  private final JobTracker tracker = new JobTracker();
  private final RetryBudget budget;
  private long lastSweep;

  public Dispatcher(
      String hubId,
      Options options,
      NodeRegistry registry,
      Balancer balancer,
      Outside outside,
      JobObserver observer,
      LongSupplier nanoTime) {
    this.hubId = hubId;
    this.options = options;
    this.registry = registry;
    this.balancer = balancer;
    this.outside = outside;
    this.observer = observer;
    this.nanoTime = nanoTime;
    this.queue = new JobQueue(options.queueSize());
    this.lastSweep = nanoTime.getAsLong();
    this.budget = new RetryBudget(options.retryPercent(), options.retryMinPerSecond(), lastSweep);
  }

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    long now = nanoTime.getAsLong();
    PendingJob pending = new PendingJob(this, job, listener, now);
    observer.submitted(job);
    budget.deposit();
    if (queue.hasWaiting(job.model()) || !send(pending, now)) {
      enqueue(pending);
    }
    return pending;
  }

  /** What a node says of jobs. */
  public void receive(FrameBatch batch) {
    long now = nanoTime.getAsLong();
    List<Frame> frames = batch.frames();
    for (int i = 0; i < frames.size(); i++) {
      Frame frame = frames.get(i);
      Attempt attempt = tracker.find(frame.ticket());
      if (attempt != null && attempt.node.id().equals(batch.nodeId())) {
        attempt.acknowledged = true;
        attempt.lastFrameAt = now;
        receive(attempt, frame, now);
      }
    }
  }

  /** A node is gone: what it ran is tried elsewhere, or fails where the client has seen some. */
  public void nodeLost(RemoteNode node, String why) {
    for (Attempt attempt : tracker.on(node)) {
      attemptFailed(attempt, Fault.of(Failure.NODE_LOST, "node " + node.id() + ": " + why));
    }
  }

  /** Some node can take more than before: sends what waits. */
  public void drainQueue() {
    if (queue.size() == 0) {
      return;
    }
    long now = nanoTime.getAsLong();
    PendingJob job;
    while ((job = queue.poll(model -> !registry.able(model).isEmpty(), now)) != null) {
      if (!send(job, now)) {
        queue.add(job);
        return;
      }
    }
  }

  /** Ends what took too long; called several times a second. */
  public void sweep() {
    long now = nanoTime.getAsLong();
    long gap = now - lastSweep;
    lastSweep = now;
    if (gap > 2_000 * MS) {
      // This process stood still: the frames that came meanwhile are still to be read.
      tracker.all().forEach(attempt -> attempt.lastFrameAt += gap);
      return;
    }
    for (Attempt attempt : new ArrayList<>(tracker.all())) {
      if (!attempt.job.ended && attempt.job.attempt == attempt) {
        sweep(attempt, now);
      }
    }
    List<PendingJob> expired = new ArrayList<>();
    queue.forEach(
        job -> {
          if (now - job.waitingSince > options.queueTimeoutMs() * MS || now - job.deadline > 0) {
            expired.add(job);
          }
        });
    for (PendingJob job : expired) {
      queue.remove(job);
      fail(job, null, waitedInVain(job, now));
    }
    drainQueue();
  }

  public int queued() {
    return queue.size();
  }

  public int running() {
    return tracker.size();
  }

  void cancel(PendingJob job, String reason) {
    if (job.ended) {
      return;
    }
    Attempt attempt = job.attempt;
    queue.remove(job);
    Fault cancelled = Fault.of(Failure.CANCELLED, reason);
    if (attempt != null) {
      tellCancelled(attempt, reason);
      release(attempt);
      attempt.node.failed(job.job.model(), cancelled, nanoTime.getAsLong());
    }
    end(job);
    observer.failed(
        job.job,
        attempt == null ? null : attempt.node.id(),
        cancelled,
        nanoTime.getAsLong() - job.submittedAt);
    drainQueue();
  }

  void grant(PendingJob job, int frames) {
    Attempt attempt = job.attempt;
    if (attempt == null) {
      return;
    }
    attempt.ungranted += frames;
    // Told by halves of the window, so that a stream costs few messages upwards.
    if (attempt.ungranted >= Math.max(1, options.credit() / 2)) {
      JobMessage credit = new JobMessage.Credit(hubId, attempt.ticket, attempt.ungranted);
      attempt.ungranted = 0;
      outside.send(attempt.node.id(), credit, () -> {});
    }
  }

  int queuePlace(PendingJob job) {
    return queue.placeOf(job);
  }

  private void enqueue(PendingJob job) {
    long wait = registry.waitMs(job.job.model());
    if (wait > options.queueTimeoutMs()) {
      fail(
          job,
          null,
          new Fault(
              Failure.PROVIDER_LIMITED,
              job.lastFault == null
                  ? "every provider of %s asked to be left alone".formatted(job.job.model())
                  : job.lastFault.message(),
              wait,
              null));
      return;
    }
    // A job that has run already keeps its place in the fleet, however long the queue is.
    if (job.tries == 0 && queue.isFull()) {
      fail(
          job,
          null,
          Fault.of(
              Failure.QUEUE_FULL,
              "all nodes are busy and %d jobs wait already".formatted(queue.size()),
              1000));
      return;
    }
    queue.add(job);
  }

  private boolean send(PendingJob job, long now) {
    RemoteNode node = choose(job);
    if (node == null) {
      return false;
    }
    Attempt attempt = tracker.open(job, node, now);
    job.attempt = attempt;
    job.tries++;
    node.sent(job.job.model(), now);
    observer.attempted(job.job, node.id(), job.tries);
    outside.send(
        node.id(),
        new JobMessage.Submit(hubId, attempt.ticket, options.credit(), job.job),
        () -> undelivered(attempt));
    return true;
  }

  private RemoteNode choose(PendingJob job) {
    List<RemoteNode> able = registry.able(job.job.model());
    if (able.isEmpty()) {
      return null;
    }
    if (able.size() == 1 && job.triedNodes.isEmpty()) {
      return able.get(0);
    }
    List<Node> fresh = new ArrayList<>(able.size());
    for (int i = 0; i < able.size(); i++) {
      if (!job.triedNodes.contains(able.get(i).id())) {
        fresh.add(able.get(i).snapshot());
      }
    }
    if (fresh.isEmpty()) {
      for (RemoteNode node : able) {
        fresh.add(node.snapshot());
      }
    }
    Node chosen = balancer.choose(fresh, job.job);
    return registry.find(chosen.id()).orElse(null);
  }

  private void receive(Attempt attempt, Frame frame, long now) {
    if (frame instanceof Frame.Delta delta) {
      delta(attempt, delta, now);
    } else if (frame instanceof Frame.Done done) {
      done(attempt, done, now);
    } else if (frame instanceof Frame.Failed failed) {
      attemptFailed(attempt, failed.fault());
    }
  }

  private void delta(Attempt attempt, Frame.Delta delta, long now) {
    PendingJob job = attempt.job;
    if (delta.seq() != attempt.lastSeq + 1) {
      broken(attempt, "piece " + (attempt.lastSeq + 1) + " of the stream is missing");
      return;
    }
    attempt.lastSeq = delta.seq();
    attempt.keep(delta, options.keepBytes());
    if (!job.begun) {
      observer.firstToken(job.job, attempt.node.id(), now - job.submittedAt);
      begin(job, attempt);
    }
    job.listener.delta(delta);
  }

  private void done(Attempt attempt, Frame.Done done, long now) {
    PendingJob job = attempt.job;
    if (done.seq() != attempt.lastSeq) {
      broken(attempt, "the end of the stream is missing");
      return;
    }
    release(attempt);
    attempt.node.succeeded(job.job.model());
    if (!job.begun) {
      begin(job, attempt);
    }
    end(job);
    observer.completed(job.job, attempt.node.id(), done.usage(), now - job.submittedAt);
    job.listener.done(done);
    drainQueue();
  }

  private void begin(PendingJob job, Attempt attempt) {
    job.begun = true;
    job.listener.started(attempt.node.id());
  }

  private void broken(Attempt attempt, String what) {
    tellCancelled(attempt, what);
    attemptFailed(attempt, Fault.of(Failure.STREAM_BROKEN, what));
  }

  private void undelivered(Attempt attempt) {
    if (tracker.find(attempt.ticket) == attempt && !attempt.acknowledged) {
      registry.suspect(attempt.node, "it cannot be reached over the bus");
      attemptFailed(
          attempt, Fault.of(Failure.NODE_LOST, "node " + attempt.node.id() + " cannot be reached"));
    }
  }

  private void sweep(Attempt attempt, long now) {
    PendingJob job = attempt.job;
    String node = "node " + attempt.node.id();
    if (now - job.deadline > 0) {
      tellCancelled(attempt, "deadline");
      release(attempt);
      attempt.node.failed(job.job.model(), Fault.of(Failure.DEADLINE, "deadline"), now);
      fail(
          job,
          attempt.node.id(),
          Fault.of(Failure.DEADLINE, "not done within " + job.job.timeoutMs() + " ms"));
    } else if (!attempt.acknowledged && now - attempt.sentAt > options.ackTimeoutMs() * MS) {
      registry.suspect(attempt.node, "it did not acknowledge a job");
      tellCancelled(attempt, "not acknowledged in time");
      attemptFailed(
          attempt, Fault.of(Failure.NODE_LOST, node + " did not acknowledge the job in time"));
    } else if (now - attempt.lastFrameAt > options.silenceTimeoutMs() * MS) {
      tellCancelled(attempt, "silent for too long");
      attemptFailed(
          attempt,
          Fault.of(
              Failure.NODE_LOST,
              node + " has said nothing for " + options.silenceTimeoutMs() + " ms"));
    }
  }

  /** An attempt failed: tries the job elsewhere where that is allowed, else tells the client. */
  private void attemptFailed(Attempt attempt, Fault fault) {
    long now = nanoTime.getAsLong();
    PendingJob job = attempt.job;
    release(attempt);
    attempt.node.failed(job.job.model(), fault, now);
    job.lastFault = fault;
    if (fault.failure() == Failure.NODE_BUSY) {
      attempt.node.reportedFull();
    } else if (fault.failure() == Failure.NODE_DRAINING) {
      attempt.node.drain(true);
    } else {
      job.triedOn(attempt.node.id());
      job.waitingSince = now;
    }
    observer.attemptFailed(job.job, attempt.node.id(), fault, now - attempt.sentAt);
    if (job.begun || !mayTryAgain(job, fault, now)) {
      fail(job, attempt.node.id(), told(fault));
      return;
    }
    log.info(
        "job {} (request {}) is tried again: {}",
        job.job.id(),
        job.job.requestId(),
        fault.message());
    if (fresh(job) || registry.able(job.job.model()).isEmpty()) {
      again(job);
    } else {
      // Nobody left who has not failed it: give them a moment.
      outside.later(backoffMs(job), () -> again(job));
    }
  }

  private void again(PendingJob job) {
    long now = nanoTime.getAsLong();
    if (!job.ended && job.attempt == null && !job.queued && !send(job, now)) {
      enqueue(job);
    }
  }

  private boolean mayTryAgain(PendingJob job, Fault fault, long now) {
    if (!fault.failure().mayTryElsewhere() || now - job.deadline > 0) {
      return false;
    }
    return switch (fault.failure()) {
      // Nothing ran, so nothing is used up; the queue's time-out bounds it.
      case NODE_BUSY, NODE_DRAINING -> {
        job.tries--;
        yield true;
      }
      // A machine that dies takes all its jobs along at once: no budget may deny them another.
      case NODE_LOST -> job.tries < options.maxTries();
      default -> job.tries < options.maxTries() && budget.withdraw(now);
    };
  }

  private boolean fresh(PendingJob job) {
    for (RemoteNode node : registry.able(job.job.model())) {
      if (!job.triedNodes.contains(node.id())) {
        return true;
      }
    }
    return false;
  }

  private static long backoffMs(PendingJob job) {
    return Math.min(2_000, 100L << Math.min(4, job.triedNodes.size()));
  }

  /** A fault as the client sees it, once there is nobody left to try. */
  private static Fault told(Fault fault) {
    return switch (fault.failure()) {
      case NODE_BUSY, NODE_DRAINING, UNREACHABLE ->
          new Fault(Failure.NO_CAPACITY, fault.message(), 1000, null);
      default -> fault;
    };
  }

  private Fault waitedInVain(PendingJob job, long now) {
    if (now - job.deadline > 0) {
      return Fault.of(Failure.DEADLINE, "not done within " + job.job.timeoutMs() + " ms");
    }
    String why = job.lastFault == null ? "" : "; last failure: " + job.lastFault.message();
    return Fault.of(
        Failure.NO_CAPACITY,
        "no node could take a job for the model %s within %d ms%s"
            .formatted(job.job.model(), options.queueTimeoutMs(), why),
        Math.max(1000, registry.waitMs(job.job.model())));
  }

  private void tellCancelled(Attempt attempt, String reason) {
    outside.send(attempt.node.id(), new JobMessage.Cancel(hubId, attempt.ticket, reason), () -> {});
  }

  private void release(Attempt attempt) {
    tracker.close(attempt);
    if (attempt.node.info().instance().equals(attempt.instance)) {
      attempt.node.released();
    }
    attempt.job.attempt = null;
  }

  private void fail(PendingJob job, String nodeId, Fault fault) {
    end(job);
    observer.failed(job.job, nodeId, fault, nanoTime.getAsLong() - job.submittedAt);
    job.listener.failed(fault, job.begun);
    drainQueue();
  }

  private static void end(PendingJob job) {
    job.ended = true;
    job.attempt = null;
  }
}
