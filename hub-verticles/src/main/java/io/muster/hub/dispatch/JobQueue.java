package io.muster.hub.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Jobs that wait for a place, bounded, by model, so that a model without a free node holds up no
 * other. The highest priority goes first; waiting raises a job by one priority every few seconds,
 * so that none starves.
 */
final class JobQueue {
  private static final int PRIORITIES = 11;
  private static final long AGEING_NANOS = 5_000_000_000L;

  private final int capacity;
  private final Map<String, Lanes> byModel = new HashMap<>();
  private int size;

  /** The jobs for one model, a lane for each priority, the oldest first. */
  private static final class Lanes {
    @SuppressWarnings({"unchecked", "rawtypes"})
    final ArrayDeque<PendingJob>[] lanes = new ArrayDeque[PRIORITIES];

    int size;

    PendingJob best(long now) {
      PendingJob best = null;
      for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
        PendingJob head = lanes[priority] == null ? null : lanes[priority].peekFirst();
        if (head != null && (best == null || score(head, now) > score(best, now))) {
          best = head;
        }
      }
      return best;
    }

    /** The one to do without first: the youngest of the lowest priority that no node has had. */
    PendingJob last() {
      for (ArrayDeque<PendingJob> lane : lanes) {
        PendingJob last = lane == null ? null : lane.peekLast();
        if (last != null && !last.wasSent()) {
          return last;
        }
      }
      return null;
    }

    void remove(PendingJob job) {
      // Nearly always the head: others leave only by a cancel or a time-out.
      if (lanes[lane(job)].removeFirstOccurrence(job)) {
        size--;
      }
    }
  }

  private static int lane(PendingJob job) {
    return Math.max(0, Math.min(PRIORITIES - 1, job.job.priority()));
  }

  private static double score(PendingJob job, long now) {
    return lane(job) + (double) (now - job.submittedAt) / AGEING_NANOS;
  }

  JobQueue(int capacity) {
    this.capacity = capacity;
  }

  /** Whether another job finds a place. */
  boolean isFull() {
    return size >= capacity;
  }

  int size() {
    return size;
  }

  boolean hasWaiting(String model) {
    return byModel.containsKey(model);
  }

  /**
   * The job to do without when the queue is full and one for this model comes: the last of the
   * longest line, so that no model fills the queue for the others; null when there is none longer
   * than its own.
   */
  PendingJob lastOfLongest(String model) {
    Lanes own = byModel.get(model);
    Lanes longest = own;
    for (Lanes lanes : byModel.values()) {
      if (longest == null || lanes.size > longest.size) {
        longest = lanes;
      }
    }
    int after = own == null ? 1 : own.size + 1;
    return longest == null || longest.size <= after ? null : longest.last();
  }

  /** Puts a job at the end of its lane; one that a node has had, at the beginning. */
  void add(PendingJob job) {
    Lanes lanes = byModel.computeIfAbsent(job.job.model(), m -> new Lanes());
    int priority = lane(job);
    if (lanes.lanes[priority] == null) {
      lanes.lanes[priority] = new ArrayDeque<>();
    }
    if (job.wasSent()) {
      lanes.lanes[priority].addFirst(job);
    } else {
      lanes.lanes[priority].addLast(job);
    }
    job.queued = true;
    lanes.size++;
    size++;
  }

  /** Takes out the job that goes first among the models that can run now; null for none. */
  PendingJob poll(Predicate<String> canRun, long now) {
    PendingJob best = null;
    for (Map.Entry<String, Lanes> entry : byModel.entrySet()) {
      PendingJob job = entry.getValue().best(now);
      if ((best == null || score(job, now) > score(best, now)) && canRun.test(entry.getKey())) {
        best = job;
      }
    }
    if (best != null) {
      remove(best);
    }
    return best;
  }

  void remove(PendingJob job) {
    if (!job.queued) {
      return;
    }
    Lanes lanes = byModel.get(job.job.model());
    int before = lanes.size;
    lanes.remove(job);
    size -= before - lanes.size;
    job.queued = false;
    if (lanes.size == 0) {
      byModel.remove(job.job.model());
    }
  }

  /** A job's place among those for its model, 1 for the first; 0 when it does not wait. */
  int placeOf(PendingJob job) {
    if (!job.queued) {
      return 0;
    }
    Lanes lanes = byModel.get(job.job.model());
    int before = 0;
    for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
      if (lanes.lanes[priority] == null) {
        continue;
      }
      if (priority > lane(job)) {
        before += lanes.lanes[priority].size();
      } else if (priority == lane(job)) {
        Iterator<PendingJob> waiting = lanes.lanes[priority].iterator();
        while (waiting.hasNext() && waiting.next() != job) {
          before++;
        }
      }
    }
    return before + 1;
  }

  void forEach(Consumer<PendingJob> action) {
    for (Lanes lanes : byModel.values()) {
      for (ArrayDeque<PendingJob> lane : lanes.lanes) {
        if (lane != null) {
          lane.forEach(action);
        }
      }
    }
  }
}
