package io.muster.hub.admin;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.identity.Command;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.BiFunction;

/** Has one node do something, wherever it is connected. */
public interface NodeOrders {
  /**
   * @param timeout how long to wait for the answer
   * @return what the node answers; fails with UNREACHABLE when it does not in time
   */
  <R extends Record> Future<R> ask(String nodeId, Command command, Duration timeout);

  /** The same, with as much time as administrators' commands have. */
  <R extends Record> Future<R> ask(String nodeId, Command command);

  /**
   * Over the bus.
   *
   * @param seal makes of a command for the node with this id what the node takes
   */
  static NodeOrders over(Bus bus, Duration usual, BiFunction<String, Command, Record> seal) {
    return new NodeOrders() {
      @Override
      public <R extends Record> Future<R> ask(String nodeId, Command command, Duration timeout) {
        return bus.ask(Addresses.node(nodeId), seal.apply(nodeId, command), timeout);
      }

      @Override
      public <R extends Record> Future<R> ask(String nodeId, Command command) {
        return ask(nodeId, command, usual);
      }
    };
  }
}
