package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.job.Frame;
import org.junit.jupiter.api.Test;

class AttemptTest {
  @Test
  void whatWasSentIsKeptUpToABound() {
    World world = new World();
    world.node("a", 1, "m");
    Attempt attempt = new Attempt(1, null, world.remote("a"), 0);
    assertThat(attempt.kept()).isEmpty();
    assertThat(attempt.keptAll()).isTrue();
    attempt.keep(delta(4), 10);
    attempt.keep(delta(6), 10);
    assertThat(attempt.kept()).extracting(b -> b.length).containsExactly(4, 6);
    attempt.keep(delta(1), 10);
    assertThat(attempt.kept()).isEmpty();
    assertThat(attempt.keptAll()).isFalse();
    attempt.keep(delta(1), 10);
    assertThat(attempt.kept()).as("never a part of it").isEmpty();
  }

  private static Frame.Delta delta(int length) {
    return new Frame.Delta(1, 1, 1, new byte[length]);
  }
}
