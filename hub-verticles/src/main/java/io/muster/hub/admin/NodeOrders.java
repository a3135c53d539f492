package io.muster.hub.admin;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.node.NodeCommand;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.BiFunction;

/** Asks one node to do something, wherever it is connected. */
public interface NodeOrders {
  /**
   * @return what the node answers; fails with UNREACHABLE when it does not in time
   */
  <R extends Record> Future<R> ask(String nodeId, NodeCommand command);

  /**
   * Over the bus.
   *
   * @param seal makes of a command for the node with this id what the node takes
   */
  static NodeOrders over(
      Bus bus, Duration timeout, BiFunction<String, NodeCommand, NodeCommand> seal) {
    return new NodeOrders() {
      @Override
      public <R extends Record> Future<R> ask(String nodeId, NodeCommand command) {
        return bus.ask(Addresses.node(nodeId), (Record) seal.apply(nodeId, command), timeout);
      }
    };
  }
}
