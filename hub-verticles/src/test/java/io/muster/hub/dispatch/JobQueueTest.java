package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobQueueTest {
  private static final long S = 1_000_000_000;

  private final JobQueue queue = new JobQueue(4);

  @Test
  void theOldestOfTheHighestPriorityGoesFirst() {
    add("low", "m", 1, 0);
    add("first", "m", 5, 0);
    add("second", "m", 5, 0);
    add("high", "m", 10, 0);
    assertThat(pollAll(0)).containsExactly("high", "first", "second", "low");
    assertThat(queue.size()).isZero();
    assertThat(queue.hasWaiting("m")).isFalse();
  }

  @Test
  void prioritiesOutOfRangeAreTheNextInIt() {
    add("below", "m", -3, 0);
    add("above", "m", 99, 0);
    assertThat(pollAll(0)).containsExactly("above", "below");
  }

  @Test
  void waitingRaisesAJob() {
    add("old", "m", 3, 0);
    add("new", "m", 5, 9 * S);
    add("newer", "m", 5, 11 * S);
    assertThat(pollAll(11 * S)).containsExactly("new", "old", "newer");
  }

  @Test
  void aTriedJobGoesBeforeItsEqualsAndKeepsItsAge() {
    add("old", "m", 5, 0);
    PendingJob tried = job("tried", "m", 5, 1);
    tried.lastNode = "a";
    tried.waitingSince = 100 * S;
    queue.add(tried);
    add("urgent", "m", 6, 90 * S);
    assertThat(pollAll(100 * S)).containsExactly("tried", "old", "urgent");
  }

  @Test
  void aModelThatCannotRunHoldsUpNoOther() {
    add("stuck", "dead", 10, 0);
    add("fine", "m", 1, 5 * S);
    assertThat(queue.poll(model -> model.equals("m"), 5 * S).job.id()).isEqualTo("fine");
    assertThat(queue.poll(model -> model.equals("m"), 5 * S)).isNull();
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void noModelIsAlwaysBeforeAnother() {
    for (String model : List.of("a", "b", "c", "d")) {
      add(model, model, 5, S * (100 - model.charAt(0)));
    }
    assertThat(pollAll(100 * S)).containsExactly("d", "c", "b", "a");
  }

  @Test
  void whoLeavesIsGone() {
    PendingJob one = add("one", "m", 5, 0);
    PendingJob two = add("two", "m", 5, 0);
    queue.remove(one);
    queue.remove(one);
    assertThat(queue.size()).isEqualTo(1);
    assertThat(queue.placeOf(one)).isZero();
    assertThat(queue.placeOf(two)).isEqualTo(1);
    List<PendingJob> all = new ArrayList<>();
    queue.forEach(all::add);
    assertThat(all).containsExactly(two);
    assertThat(two.queued).isTrue();
    assertThat(one.queued).isFalse();
  }

  @Test
  void placesCountTheOnesBefore() {
    PendingJob low = add("low", "m", 1, 0);
    PendingJob high = add("high", "m", 7, 0);
    PendingJob second = add("second", "m", 7, 0);
    add("other", "n", 9, 0);
    assertThat(queue.placeOf(high)).isEqualTo(1);
    assertThat(queue.placeOf(second)).isEqualTo(2);
    assertThat(queue.placeOf(low)).isEqualTo(3);
  }

  @Test
  void theLongestLineMakesRoom() {
    assertThat(queue.lastOfLongest("m")).isNull();
    add("1", "dead", 5, 0);
    add("2", "dead", 3, 0);
    PendingJob last = add("3", "dead", 3, 1);
    add("4", "m", 0, 0);
    assertThat(queue.isFull()).isTrue();
    assertThat(queue.lastOfLongest("dead")).isNull();
    assertThat(queue.lastOfLongest("m")).as("two and two is fair").isEqualTo(last);
    assertThat(queue.lastOfLongest("n")).isEqualTo(last);
    queue.remove(last);
    assertThat(queue.lastOfLongest("m")).isNull();
  }

  @Test
  void whatANodeHasHadMakesNoRoom() {
    for (int i = 0; i < 4; i++) {
      PendingJob job = job("" + i, "dead", 5, 0);
      job.lastNode = "a";
      queue.add(job);
    }
    assertThat(queue.lastOfLongest("m")).isNull();
  }

  private PendingJob add(String id, String model, int priority, long at) {
    PendingJob job = job(id, model, priority, at);
    queue.add(job);
    return job;
  }

  private static PendingJob job(String id, String model, int priority, long at) {
    return new PendingJob(null, World.job(id, model, priority), new FakeListener(), at);
  }

  private List<String> pollAll(long now) {
    List<String> ids = new ArrayList<>();
    PendingJob job;
    while ((job = queue.poll(model -> true, now)) != null) {
      ids.add(job.job.id());
    }
    return ids;
  }
}
