package io.muster.hub.events;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.event.ClusterEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SubscriptionTest {
  private final Fake outlet = new Fake();

  private static Told told(String id) {
    return new Told(new ClusterEvent(id, "task_created", "s", 1, Map.of()));
  }

  @Test
  void writesInOrderAndCutsOffWhatFallsBehind() {
    Subscription subscription = new Subscription(outlet, EventFilter.ALL, 2, false);
    assertThat(subscription.offer(told("1"))).isTrue();
    outlet.full = true;
    assertThat(subscription.offer(told("2"))).isTrue();
    assertThat(subscription.offer(told("3"))).isTrue();
    outlet.drain();
    assertThat(outlet.written).containsExactly("1", "2", "3");

    outlet.full = true;
    subscription.offer(told("4"));
    subscription.offer(told("5"));
    assertThat(subscription.offer(told("6"))).isFalse();
    assertThat(outlet.cut).isTrue();
    outlet.drain();
    assertThat(outlet.written).containsExactly("1", "2", "3");
  }

  @Test
  void sendsWhatWasMissedFirstAndNothingTwice() {
    Subscription subscription = new Subscription(outlet, EventFilter.ALL, 2, true);
    subscription.offer(told("3"));
    subscription.offer(told("4"));
    assertThat(outlet.written).isEmpty();
    subscription.replay(List.of(told("1"), told("2"), told("3")));
    assertThat(outlet.written).containsExactly("1", "2", "3", "4");
  }

  @Test
  void doesNotCountWhatItHasItselfAskedForAsFallingBehind() {
    Subscription subscription = new Subscription(outlet, EventFilter.ALL, 2, true);
    outlet.full = true;
    subscription.replay(List.of(told("1"), told("2"), told("3"), told("4")));
    assertThat(subscription.offer(told("5"))).isTrue();
    assertThat(subscription.offer(told("6"))).isTrue();
    assertThat(subscription.offer(told("7"))).isFalse();
  }

  @Test
  void sendsOnlyWhatIsWanted() {
    Subscription subscription = new Subscription(outlet, EventFilter.parse("node_*"), 2, false);
    subscription.offer(told("1"));
    subscription.filter(EventFilter.parse("task_created"));
    subscription.offer(told("2"));
    assertThat(outlet.written).containsExactly("2");
  }

  private static final class Fake implements Outlet {
    private final List<String> written = new ArrayList<>();
    private boolean full;
    private boolean cut;
    private Runnable drained = () -> {};

    void drain() {
      full = false;
      drained.run();
    }

    @Override
    public boolean isFull() {
      return full;
    }

    @Override
    public void write(Told told) {
      written.add(told.id());
    }

    @Override
    public void whenDrained(Runnable action) {
      drained = action;
    }

    @Override
    public void keepAlive() {}

    @Override
    public void revoke() {}

    @Override
    public void cutOff() {
      cut = true;
    }
  }
}
