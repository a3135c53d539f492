package io.muster.event;

import java.time.Clock;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Says to the fleet what has happened. Nobody is waited for, so it never holds up whoever calls.
 */
public final class Events {
  private final String source;
  private final Consumer<ClusterEvent> publish;
  private final Clock clock;
  private final AtomicLong sequence = new AtomicLong();

  /**
   * @param source the id of this hub or node
   * @param publish to {@link io.muster.bus.Addresses#EVENTS}
   */
  public Events(String source, Consumer<ClusterEvent> publish, Clock clock) {
    this.source = source;
    this.publish = publish;
    this.clock = clock;
  }

  /**
   * @param type a name of the documented ones, {@code node_registered}
   * @param data JSON types only, nothing secret
   */
  public void emit(String type, Map<String, Object> data) {
    long now = clock.millis();
    String id = "%012x-%08x-%s".formatted(now, sequence.incrementAndGet(), source);
    publish.accept(new ClusterEvent(id, type, source, now, data));
  }
}
