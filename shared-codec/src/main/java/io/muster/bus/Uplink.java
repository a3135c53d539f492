package io.muster.bus;

import io.vertx.core.Future;
import java.time.Duration;

/**
 * How a process that is no member of a cluster reaches the bus: its {@link Bus} hands over what
 * nobody serves in the process itself. Faults are those of {@link Bus}; what cannot be delivered is
 * {@link Failure#UNREACHABLE}.
 */
public interface Uplink {
  /** See {@link Bus#ask}. */
  <R> Future<R> ask(String address, Record question, Duration timeout);

  /** See {@link Bus#tell}. */
  Future<Void> tell(String address, Record message);

  /** See {@link Bus#publish}. */
  void publish(String address, Record message);
}
