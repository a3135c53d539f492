package io.muster.hub.task;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Tasks that wait for a node: a line for each kind of needs, in it one for each priority. The next
 * is the one with the highest priority, where every {@code ageStep} of waiting counts as one step
 * more, so that nothing waits for ever behind what is more urgent; among equals, who came first.
 * Pure; times are nanoseconds of a monotonic clock.
 */
final class TaskQueue {
  private static final int PRIORITIES = 11;
  private static final int FORGOTTEN_AT_ONCE = 100;

  private final double ageStepNanos;
  private final Map<Needs, Line> lines = new HashMap<>();
  private int size;
  private int removed;
  private long orders;

  /**
   * @param ageStepMs milliseconds of waiting that count as one step of priority
   */
  TaskQueue(long ageStepMs) {
    this.ageStepNanos = ageStepMs * 1e6;
  }

  /** Those with the same needs. */
  private static final class Line {
    final Needs needs;
    final List<Deque<OpenTask>> byPriority = new ArrayList<>(PRIORITIES);

    Line(Needs needs) {
      this.needs = needs;
      for (int i = 0; i < PRIORITIES; i++) {
        byPriority.add(new ArrayDeque<>(2));
      }
    }

    /** The one to go next; null when there is none. */
    OpenTask best(long now, double ageStep) {
      OpenTask best = null;
      for (Deque<OpenTask> waiting : byPriority) {
        // Whoever was cancelled meanwhile is still in it.
        while (!waiting.isEmpty() && waiting.peek().place != OpenTask.Place.QUEUED) {
          waiting.poll();
        }
        OpenTask head = waiting.peek();
        if (head != null && (best == null || before(head, best, now, ageStep))) {
          best = head;
        }
      }
      return best;
    }
  }

  private record Head(Line line, OpenTask task) {}

  void add(OpenTask task, long now) {
    task.place = OpenTask.Place.QUEUED;
    if (task.order == 0) {
      task.order = ++orders;
      task.queuedAt = now;
    }
    lines
        .computeIfAbsent(task.spec.needs(), Line::new)
        .byPriority
        .get(task.spec.priority())
        .add(task);
    size++;
  }

  /** Takes one out that is in it. */
  void remove(OpenTask task) {
    task.place = OpenTask.Place.WAITING;
    size--;
    // To look for it in its line would take long; but behind one that nobody takes they pile up.
    if (++removed > size + FORGOTTEN_AT_ONCE) {
      removed = 0;
      lines
          .values()
          .forEach(
              line ->
                  line.byPriority.forEach(
                      waiting -> waiting.removeIf(one -> one.place != OpenTask.Place.QUEUED)));
    }
  }

  int size() {
    return size;
  }

  /** Those in it, and those that were taken out and are not forgotten yet. */
  int entries() {
    return lines.values().stream()
        .flatMap(line -> line.byPriority.stream())
        .mapToInt(Deque::size)
        .sum();
  }

  /**
   * Hands out tasks, the most urgent first, as long as anybody takes them.
   *
   * @param choose who takes one with these needs; null when nobody can
   * @param give the task, which is out of the queue now, and who takes it
   */
  <N> void assign(long now, Function<Needs, N> choose, BiConsumer<OpenTask, N> give) {
    if (size == 0) {
      return;
    }
    PriorityQueue<Head> heads =
        new PriorityQueue<>(
            Comparator.comparing(Head::task, (a, b) -> before(a, b, now, ageStepNanos) ? -1 : 1));
    lines
        .values()
        .removeIf(
            line -> {
              OpenTask best = line.best(now, ageStepNanos);
              if (best != null) {
                heads.add(new Head(line, best));
              }
              return best == null;
            });
    while (!heads.isEmpty()) {
      Head head = heads.poll();
      N taker = choose.apply(head.line().needs);
      if (taker == null) {
        continue;
      }
      head.line().byPriority.get(head.task().spec.priority()).poll();
      head.task().place = OpenTask.Place.CLAIMING;
      size--;
      give.accept(head.task(), taker);
      OpenTask next = head.line().best(now, ageStepNanos);
      if (next != null) {
        heads.add(new Head(head.line(), next));
      }
    }
  }

  private static boolean before(OpenTask a, OpenTask b, long now, double ageStep) {
    double mine = a.spec.priority() + (now - a.queuedAt) / ageStep;
    double other = b.spec.priority() + (now - b.queuedAt) / ageStep;
    return mine > other || (mine == other && a.order < b.order);
  }
}
