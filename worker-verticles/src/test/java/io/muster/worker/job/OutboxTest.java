package io.muster.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.job.Frame;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final FakeOutside outside = new FakeOutside();
  private final List<Throwable> gone = new ArrayList<>();
  private final Outbox outbox = new Outbox("node", "hub", outside, () -> outside.now, gone::add);

  @Test
  void whatOneTurnBringsTravelsTogether() {
    outbox.add(frame(1));
    outbox.add(frame(2));
    assertThat(outside.told).isEmpty();
    assertThat(outbox.isEmpty()).isFalse();
    outside.turn();
    outbox.add(frame(3));
    outside.turn();
    assertThat(outside.told).hasSize(2);
    assertThat(outside.told.get(0).nodeId()).isEqualTo("node");
    assertThat(outside.addresses).containsOnly("muster.frames.hub");
    assertThat(outside.take()).containsExactly(frame(1), frame(2), frame(3));
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void aBatchWaitsForTheOneBefore() {
    List<Promise<Void>> writes = outside.hang();
    outbox.add(frame(1));
    outside.turn();
    outbox.add(frame(2));
    outside.turn();
    outbox.add(frame(3));
    assertThat(outside.take()).containsExactly(frame(1));
    writes.get(0).complete();
    assertThat(outside.take()).containsExactly(frame(2), frame(3));
    assertThat(outbox.isEmpty()).isFalse();
    writes.get(1).complete();
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void aBrokenConnectionLosesNothing() {
    outside.fail();
    outbox.add(frame(1));
    outside.turn();
    outbox.add(frame(2));
    outside.pass(1_000);
    outside.heal();
    outside.told.clear();
    outside.pass(200);
    assertThat(outside.take()).containsExactly(frame(1), frame(2));
    assertThat(outbox.isEmpty()).isTrue();
    assertThat(gone).isEmpty();
    // A later break has all its time again.
    outside.pass(10_000);
    outside.fail();
    outbox.add(frame(3));
    outside.pass(2_500);
    assertThat(gone).isEmpty();
  }

  @Test
  void aHubThatNothingReachesIsGone() {
    outside.fail();
    outbox.add(frame(1));
    outside.pass(3_000);
    assertThat(gone).isEmpty();
    outside.pass(200);
    assertThat(gone).hasSize(1);
    outbox.add(frame(2));
    outside.told.clear();
    outside.pass(10_000);
    assertThat(outside.take()).isEmpty();
    assertThat(gone).hasSize(1);
    assertThat(outbox.isEmpty()).isTrue();
  }

  @Test
  void aWriteThatNeverEndsIsDoneAgain() {
    List<Promise<Void>> writes = outside.hang();
    outbox.add(frame(1));
    assertThat(outside.take()).containsExactly(frame(1));
    outside.pass(5_000);
    outbox.check(outside.now);
    assertThat(outside.take()).isEmpty();
    outside.pass(10);
    outbox.add(frame(2));
    outbox.check(outside.now);
    assertThat(outside.take()).containsExactly(frame(1));
    writes.get(0).fail("too late to count");
    outside.pass(200);
    assertThat(outside.take()).isEmpty();
    writes.get(1).complete();
    assertThat(outside.take()).containsExactly(frame(2));
    writes.get(2).complete();
    assertThat(outbox.isEmpty()).isTrue();
  }

  private static Frame frame(int n) {
    return new Frame.Started(n);
  }
}
