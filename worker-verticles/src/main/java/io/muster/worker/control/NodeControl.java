package io.muster.worker.control;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Inbox;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.vertx.core.Future;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does what a hub asks this worker itself to do. */
public final class NodeControl {
  private static final Logger log = LoggerFactory.getLogger(NodeControl.class);

  private final Steered worker;
  private final BiFunction<String, Integer, NodeAnswer.LogPage> logs;
  private final Function<NodeCommand.ApplyConfig, Future<NodeAnswer.ConfigOutcome>> config;
  private boolean ending;

  /** The worker that is steered. */
  public interface Steered {
    NodeInfo info();

    NodeStats stats();

    boolean draining();

    /** Takes no new work from now on. */
    void drain(String reason);

    /** Takes work again. */
    void resume();

    /** Ends the process in order; with the wish to be started again, or without. */
    void end(boolean again);
  }

  /**
   * @param logs gives the last lines of at least a level, so many at most
   * @param config takes settings up
   */
  public NodeControl(
      Steered worker,
      BiFunction<String, Integer, NodeAnswer.LogPage> logs,
      Function<NodeCommand.ApplyConfig, Future<NodeAnswer.ConfigOutcome>> config) {
    this.worker = worker;
    this.logs = logs;
    this.config = config;
  }

  /** What it takes of this node's hubs. */
  public Inbox inbox() {
    return new Inbox().serve(NodeCommand.class, this::take);
  }

  Future<? extends Record> take(NodeCommand command) {
    if (command instanceof NodeCommand.PingNode) {
      NodeInfo info = worker.info();
      return Future.succeededFuture(
          new NodeAnswer.Pong(info.id(), info.instance(), worker.draining(), worker.stats()));
    }
    if (command instanceof NodeCommand.FetchLogs wanted) {
      return Future.succeededFuture(logs.apply(wanted.level(), wanted.limit()));
    }
    if (ending) {
      throw Fault.of(Failure.CONFLICT, "the node is ending").asException();
    }
    if (command instanceof NodeCommand.ApplyConfig values) {
      return config.apply(values);
    }
    if (command instanceof NodeCommand.DrainNode drain) {
      log.info("drains: {}", drain.reason());
      worker.drain(drain.reason());
    } else if (command instanceof NodeCommand.ResumeNode) {
      log.info("takes work again");
      worker.resume();
    } else if (command instanceof NodeCommand.RestartNode restart) {
      end(true, restart.reason());
    } else if (command instanceof NodeCommand.UnloadNode unload) {
      end(false, unload.reason());
    }
    return Future.succeededFuture(Ack.OK);
  }

  private void end(boolean again, String reason) {
    log.info("{}: {}", again ? "restarts" : "ends", reason);
    ending = true;
    worker.end(again);
  }
}
