package io.muster.hub.dispatch;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Jobs that wait for a place, bounded, by model, so that a model without a free node holds up no
 * other. Within a model the highest priority goes first; waiting raises a job by one priority every
 * few seconds, so that none starves.
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
      double bestScore = 0;
      for (int priority = PRIORITIES - 1; priority >= 0; priority--) {
        PendingJob head = lanes[priority] == null ? null : lanes[priority].peekFirst();
        if (head != null) {
          double score = priority + (double) (now - head.waitingSince) / AGEING_NANOS;
          if (best == null || score > bestScore) {
            best = head;
            bestScore = score;
          }
        }
      }
      return best;
    }

    void remove(PendingJob job) {
      // Nearly always the head: others leave only by a cancel or a time-out.
      if (lanes[job.job.priority()].removeFirstOccurrence(job)) {
        size--;
      }
    }
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

  /** Puts a job at the end of its lane; one that was tried before, at the beginning. */
  void add(PendingJob job) {
    Lanes lanes = byModel.computeIfAbsent(job.job.model(), m -> new Lanes());
    int priority = job.job.priority();
    if (lanes.lanes[priority] == null) {
      lanes.lanes[priority] = new ArrayDeque<>();
    }
    if (job.tries > 0) {
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
    for (Map.Entry<String, Lanes> entry : byModel.entrySet()) {
      if (canRun.test(entry.getKey())) {
        PendingJob job = entry.getValue().best(now);
        if (job != null) {
          remove(job);
          return job;
        }
      }
    }
    return null;
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

  /** How many jobs for the same model are before this one. */
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
      if (priority > job.job.priority()) {
        before += lanes.lanes[priority].size();
      } else if (priority == job.job.priority()) {
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
