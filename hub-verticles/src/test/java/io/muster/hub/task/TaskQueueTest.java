package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class TaskQueueTest {
  private static final long S = 1_000_000_000;
  private static final Needs ECHO = SomeTasks.needs("echo");

  private final TaskQueue queue = new TaskQueue(10_000);

  @Test
  void theHighestPriorityGoesFirstAndAmongEqualsTheOldest() {
    add("low", ECHO, 0, 0);
    add("first", ECHO, 5, 0);
    add("second", ECHO, 5, 0);
    add("high", ECHO, 10, 0);
    assertThat(all(0)).containsExactly("high", "first", "second", "low");
    assertThat(queue.size()).isZero();
  }

  @Test
  void waitingMakesUpForPriority() {
    add("old", ECHO, 0, 0);
    add("new", ECHO, 10, 99 * S);
    add("newer", ECHO, 10, 101 * S);
    assertThat(all(101 * S)).containsExactly("new", "old", "newer");
  }

  @Test
  void theLowestIsServedThoughUrgentOnesNeverEnd() {
    add("low", ECHO, 0, 0);
    add("urgent-backlog", ECHO, 10, 0);
    List<String> served = new ArrayList<>();
    for (int second = 0; second < 200 && !served.contains("low"); second++) {
      add("urgent-" + second, ECHO, 10, second * S);
      long now = second * S;
      List<String> one = new ArrayList<>();
      queue.assign(
          now,
          needs -> one.isEmpty() ? "node" : null,
          (OpenTask task, String node) -> one.add(task.spec.id()));
      served.addAll(one);
    }
    assertThat(served).contains("low");
    // Ten steps of priority, ten seconds each.
    assertThat(served.indexOf("low")).isBetween(95, 105);
  }

  @Test
  void needsThatNobodyMeetsHoldUpNoOther() {
    Needs rare = new Needs("echo", null, null, Set.of("rare"));
    add("stuck", rare, 10, 0);
    add("fine", ECHO, 1, 0);
    List<String> given = new ArrayList<>();
    queue.assign(
        0,
        needs -> needs.equals(ECHO) ? "node" : null,
        (OpenTask task, String node) -> given.add(task.spec.id()));
    assertThat(given).containsExactly("fine");
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void whatWasTakenOutIsNotGiven() {
    OpenTask gone = add("gone", ECHO, 5, 0);
    add("there", ECHO, 5, 0);
    queue.remove(gone);
    assertThat(queue.size()).isEqualTo(1);
    assertThat(all(0)).containsExactly("there");
  }

  @Test
  void whatWasTakenOutIsForgotten() {
    add("there", ECHO, 5, 0);
    for (int i = 0; i < 10_000; i++) {
      queue.remove(add("gone" + i, ECHO, 5, 0));
    }
    assertThat(queue.entries()).isLessThan(200);
    assertThat(all(0)).containsExactly("there");
  }

  @Test
  void aTaskThatComesBackKeepsItsAge() {
    OpenTask tried = add("tried", ECHO, 5, 0);
    assertThat(all(0)).containsExactly("tried");
    add("fresh", ECHO, 5, 50 * S);
    tried.place = OpenTask.Place.WAITING;
    queue.add(tried, 60 * S);
    // One line keeps its order; age counts against other lines and priorities.
    add("urgent", ECHO, 9, 60 * S);
    assertThat(all(60 * S)).startsWith("urgent");
  }

  private OpenTask add(String id, Needs needs, int priority, long now) {
    OpenTask task = SomeTasks.open(id, needs, priority);
    queue.add(task, now);
    return task;
  }

  private List<String> all(long now) {
    List<String> ids = new ArrayList<>();
    queue.assign(now, needs -> "node", (OpenTask task, String node) -> ids.add(task.spec.id()));
    return ids;
  }
}
