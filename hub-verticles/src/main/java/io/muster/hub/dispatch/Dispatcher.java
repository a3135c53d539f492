package io.muster.hub.dispatch;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
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

  /** Between two sweeps, several times the usual: this process itself stood still. */
  private static final long STALL_NANOS = 1_000 * MS;

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
    /** Sends to a node, never throws; {@code undelivered} is run when it did not arrive. */
    void send(String nodeId, JobMessage message, Runnable undelivered);

    /** Runs something later on the same event loop. */
    void later(long ms, Runnable action);
  }

  private final Options options;
  private final NodeRegistry registry;
  private final NodeChoice nodes;
  private final NodeMail mail;
  private final Outside outside;
  private final JobObserver observer;
  private final LongSupplier nanoTime;
  private final JobQueue queue;
  private final JobTracker tracker = new JobTracker();
  private final Retries retries;
  private long lastSweep;
  private boolean draining;
  private int backingOff;

  public Dispatcher(
      String hubId,
      Options options,
      NodeRegistry registry,
      Balancer balancer,
      Outside outside,
      JobObserver observer,
      LongSupplier nanoTime) {
    this.options = options;
    this.registry = registry;
    this.nodes = new NodeChoice(registry, balancer);
    this.mail = new NodeMail(hubId, options.credit(), outside);
    this.outside = outside;
    this.observer = observer;
    this.nanoTime = nanoTime;
    this.queue = new JobQueue(options.queueSize());
    this.lastSweep = nanoTime.getAsLong();
    this.retries = new Retries(options, lastSweep);
  }

  @Override
  public JobHandle submit(Job job, JobListener listener) {
    long now = nanoTime.getAsLong();
    PendingJob pending = new PendingJob(this, job, listener, now);
    observer.submitted(job);
    retries.submitted();
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
      if (attempt == null) {
        mail.forgotten(batch.nodeId(), frame);
      } else if (attempt.node.id().equals(batch.nodeId())) {
        attempt.acknowledged = true;
        attempt.lastFrameAt = now;
        try {
          receive(attempt, frame, now);
        } catch (RuntimeException e) {
          // The other jobs of the batch have nothing to do with it.
          listenerBroke(attempt.job, e);
        }
      }
    }
  }

  /** A node is gone: what it ran is tried elsewhere, or fails where the client has seen some. */
  public void nodeLost(RemoteNode node, String why) {
    for (Attempt attempt : tracker.on(node)) {
      // It may live and only be out of reach: then it should not go on for nobody.
      mail.cancel(attempt, why);
      attemptFailed(attempt, Fault.of(Failure.NODE_LOST, "node " + node.id() + ": " + why));
    }
  }

  /** Some node can take more than before: sends what waits. */
  public void drainQueue() {
    // What is sent here may fail at once and come back here: the loop below sees to it.
    if (draining || queue.size() == 0) {
      return;
    }
    draining = true;
    try {
      long now = nanoTime.getAsLong();
      PendingJob job;
      while ((job = queue.poll(nodes::canRun, now)) != null) {
        if (!send(job, now)) {
          queue.add(job);
          return;
        }
      }
    } finally {
      draining = false;
    }
  }

  /** Ends what took too long; called several times a second. */
  public void sweep() {
    long now = nanoTime.getAsLong();
    long gap = now - lastSweep;
    lastSweep = now;
    if (gap > STALL_NANOS) {
      // The frames that came meanwhile are still to be read.
      tracker
          .all()
          .forEach(attempt -> attempt.lastFrameAt = Math.min(now, attempt.lastFrameAt + gap));
    }
    for (Attempt attempt : new ArrayList<>(tracker.all())) {
      if (tracker.find(attempt.ticket) == attempt) {
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
      // The end of one may have ended another, or made it a place.
      if (job.queued) {
        queue.remove(job);
        fail(job, waitedInVain(job, now));
      }
    }
    drainQueue();
  }

  public int queued() {
    return queue.size();
  }

  /** Jobs that a node has, or that are about to be tried again. */
  public int running() {
    return tracker.size() + backingOff;
  }

  /** Whether the attempt with this ticket still runs. */
  boolean has(long ticket) {
    return tracker.find(ticket) != null;
  }

  void cancel(PendingJob job, String reason) {
    if (job.ended) {
      return;
    }
    Attempt attempt = job.attempt;
    queue.remove(job);
    Fault cancelled = Fault.of(Failure.CANCELLED, reason);
    if (attempt != null) {
      mail.cancel(attempt, reason);
      release(attempt);
      attempt.node.failed(job.job.model(), cancelled, nanoTime.getAsLong());
    }
    end(job);
    observer.failed(job.job, job.lastNode, cancelled, nanoTime.getAsLong() - job.submittedAt);
    drainQueue();
  }

  void grant(PendingJob job, int frames) {
    Attempt attempt = job.attempt;
    if (attempt == null) {
      return;
    }
    mail.grant(attempt, frames);
  }

  int queuePlace(PendingJob job) {
    return queue.placeOf(job);
  }

  private void enqueue(PendingJob job) {
    long wait = registry.waitMs(job.job.model());
    if (wait > options.queueTimeoutMs()) {
      fail(
          job,
          new Fault(
              Failure.PROVIDER_LIMITED,
              job.lastFault == null
                  ? "every provider of %s asked to be left alone".formatted(job.job.model())
                  : job.lastFault.message(),
              wait,
              null));
      return;
    }
    // A job that was with a node already keeps its place in the fleet, however long the queue is.
    if (!job.wasSent() && queue.isFull()) {
      PendingJob last = queue.lastOfLongest(job.job.model());
      if (last == null) {
        fail(job, queueFull());
        return;
      }
      queue.remove(last);
      queue.add(job);
      fail(last, queueFull());
      return;
    }
    queue.add(job);
  }

  private Fault queueFull() {
    return Fault.of(
        Failure.QUEUE_FULL,
        "all nodes are busy and %d jobs wait already".formatted(queue.size()),
        Retries.COME_BACK_MS);
  }

  private boolean send(PendingJob job, long now) {
    RemoteNode node = nodes.choose(job);
    if (node == null) {
      return false;
    }
    Attempt attempt = tracker.open(job, node, now);
    job.attempt = attempt;
    job.lastNode = node.id();
    job.tries++;
    node.sent(job.job.model(), now);
    observer.attempted(job.job, node.id(), job.tries);
    mail.submit(attempt, () -> undelivered(attempt));
    return true;
  }

  private void receive(Attempt attempt, Frame frame, long now) {
    if (frame instanceof Frame.Delta delta) {
      delta(attempt, delta, now);
    } else if (frame instanceof Frame.Done done) {
      done(attempt, done, now);
    } else if (frame instanceof Frame.Failed failed) {
      attemptFailed(attempt, failed.fault());
    } else if (attempt.ungranted > 0) {
      // It is silent: perhaps for want of what was not worth a message, or did not arrive.
      mail.credit(attempt);
    }
  }

  private void delta(Attempt attempt, Frame.Delta delta, long now) {
    PendingJob job = attempt.job;
    if (delta.seq() <= attempt.lastSeq) {
      // Sent twice, since the node could not know that the first had arrived.
      return;
    }
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
    if (!job.ended) {
      job.listener.delta(delta);
    }
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
    if (!job.ended) {
      end(job);
      observer.completed(job.job, attempt.node.id(), done.usage(), now - job.submittedAt);
      drainQueue();
      job.listener.done(done);
    }
  }

  private void begin(PendingJob job, Attempt attempt) {
    job.begun = true;
    job.listener.started(attempt.node.id());
  }

  private void broken(Attempt attempt, String what) {
    mail.cancel(attempt, what);
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
    if (now - job.deadline > 0) {
      mail.cancel(attempt, "deadline");
      release(attempt);
      attempt.node.failed(job.job.model(), Fault.of(Failure.DEADLINE, "deadline"), now);
      fail(job, Fault.of(Failure.DEADLINE, "not done within " + job.job.timeoutMs() + " ms"));
    } else if (!attempt.acknowledged && now - attempt.lastFrameAt > options.ackTimeoutMs() * MS) {
      registry.suspect(attempt.node, "it did not acknowledge a job");
      mail.cancel(attempt, "not acknowledged in time");
      attemptFailed(
          attempt,
          Fault.of(
              Failure.NODE_LOST,
              "node " + attempt.node.id() + " did not acknowledge the job in time"));
    } else if (now - attempt.lastFrameAt > options.silenceTimeoutMs() * MS) {
      mail.cancel(attempt, "silent for too long");
      attemptFailed(
          attempt,
          Fault.of(
              Failure.NODE_LOST,
              "node %s has said nothing for %d ms"
                  .formatted(attempt.node.id(), options.silenceTimeoutMs())));
    }
  }

  /** An attempt failed: tries the job elsewhere where that is allowed, else tells the client. */
  private void attemptFailed(Attempt attempt, Fault fault) {
    long now = nanoTime.getAsLong();
    PendingJob job = attempt.job;
    if (!release(attempt)) {
      return;
    }
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
    if (job.begun || !retries.allow(job, fault, now)) {
      fail(job, job.begun ? fault : Retries.told(fault));
      return;
    }
    log.info(
        "job {} (request {}) is tried again: {}",
        job.job.id(),
        job.job.requestId(),
        fault.message());
    if (nodes.hasFresh(job) || registry.able(job.job.model()).isEmpty()) {
      again(job);
    } else {
      // Nobody left who has not failed it: give them a moment.
      backingOff++;
      outside.later(
          Retries.backoffMs(job),
          () -> {
            backingOff--;
            again(job);
          });
    }
  }

  private void again(PendingJob job) {
    long now = nanoTime.getAsLong();
    if (job.ended || job.attempt != null || job.queued) {
      return;
    }
    if (now - job.deadline > 0) {
      fail(job, waitedInVain(job, now));
    } else if (!send(job, now)) {
      enqueue(job);
    }
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
        Math.max(Retries.COME_BACK_MS, registry.waitMs(job.job.model())));
  }

  /** Frees the attempt's place; false when that has been done. */
  private boolean release(Attempt attempt) {
    if (!tracker.close(attempt)) {
      return false;
    }
    if (attempt.node.info().instance().equals(attempt.instance)) {
      attempt.node.released();
    }
    attempt.job.attempt = null;
    return true;
  }

  private void fail(PendingJob job, Fault fault) {
    end(job);
    observer.failed(job.job, job.lastNode, fault, nanoTime.getAsLong() - job.submittedAt);
    drainQueue();
    try {
      job.listener.failed(fault, job.begun);
    } catch (RuntimeException e) {
      listenerBroke(job, e);
    }
  }

  private void listenerBroke(PendingJob job, RuntimeException e) {
    log.error("job {} (request {}): its listener failed", job.job.id(), job.job.requestId(), e);
    if (!job.ended) {
      cancel(job, "its listener failed");
      try {
        // Whatever it failed at, its client must not wait for ever.
        job.listener.failed(
            Fault.of(Failure.INTERNAL, "the hub failed at what a node said"), job.begun);
      } catch (RuntimeException again) {
        log.error("job {}: its listener cannot be told", job.job.id(), again);
      }
    }
  }

  private static void end(PendingJob job) {
    job.ended = true;
    job.attempt = null;
  }
}
