package io.muster.worker.control;

import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.identity.Command;
import io.muster.identity.CommandGuard;
import io.muster.identity.Order;
import io.vertx.core.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the parts of this worker: they hear a command only when it came in an order of the
 * fleet's hubs, and need not know of signatures.
 */
public final class Orders {
  private static final Logger log = LoggerFactory.getLogger(Orders.class);

  private final CommandGuard guard;
  private final Inbox parts;

  /**
   * @param guard lets through what this node's hubs order
   * @param parts take commands, and whatever else is sent to this node
   */
  public Orders(CommandGuard guard, Inbox parts) {
    this.guard = guard;
    this.parts = parts;
  }

  /** What is taken at this node's address. */
  public Inbox inbox() {
    return new Inbox()
        .serve(Order.class, this::judge)
        .serve(Command.class, this::judge)
        .otherwise(parts);
  }

  private Future<? extends Record> judge(Object message) {
    Command command;
    try {
      command = guard.open(message);
    } catch (FaultException e) {
      log.warn("{}", e.getMessage());
      throw e;
    }
    return parts.take(command);
  }
}
