package io.muster.hub.task;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.hub.gateway.NodeSession;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.ApiErrors;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks for nodes that speak JSON frames: {@code task_assign} and {@code task_cancel} to them,
 * {@code task_result} from them. Such a node knows nothing of attempts, so that the one it was last
 * given is remembered here; it does not repeat results either, so that this hub does.
 */
final class TaskSocket implements SocketFeature {
  private static final Logger log = LoggerFactory.getLogger(TaskSocket.class);
  private static final int REMEMBERED = 10_000;
  private static final long AGAIN_MS = 500;
  private static final int TRIES = 120;

  private final Function<TaskReport, Future<Ack>> desk;
  private final BiConsumer<Long, Runnable> later;
  private final Runnable unknown;

  /** By node and task, the oldest forgotten first. */
  private final Map<String, Long> attempts =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > REMEMBERED;
        }
      };

  /**
   * @param desk takes the reports
   * @param later runs something after so many milliseconds
   * @param unknown counts a result of a task that the node was not given
   */
  TaskSocket(
      Function<TaskReport, Future<Ack>> desk, BiConsumer<Long, Runnable> later, Runnable unknown) {
    this.desk = desk;
    this.later = later;
    this.unknown = unknown;
  }

  @Override
  public Map<String, BiConsumer<NodeSession, JsonObject>> frames() {
    return Map.of("task_result", this::result);
  }

  @Override
  public Inbox inbox(NodeSession session) {
    return new Inbox().listen(TaskMessage.class, message -> told(session, message));
  }

  private void told(NodeSession session, TaskMessage message) {
    if (message instanceof TaskMessage.Assign assign) {
      assign(session, assign);
    } else if (message instanceof TaskMessage.Abort abort) {
      attempts.remove(key(session, abort.taskId()), abort.attempt());
      session.send(
          "task_cancel",
          new JsonObject()
              .put("taskId", abort.taskId())
              .put("nodeId", session.nodeId())
              .put("reason", abort.reason()));
    }
  }

  private void assign(NodeSession session, TaskMessage.Assign assign) {
    String nodeId = session.nodeId();
    Long before = attempts.get(key(session, assign.taskId()));
    if (before == null || before < assign.attempt()) {
      if (session.isFull()) {
        report(
            new TaskReport.Result(
                nodeId,
                assign.taskId(),
                assign.attempt(),
                null,
                TaskError.of(TaskError.BUSY, "the node's connection is full"),
                0),
            1);
        return;
      }
      boolean sent =
          session.send(
              "task_assign",
              new JsonObject()
                  .put("taskId", assign.taskId())
                  .put("nodeId", nodeId)
                  .put("toolName", assign.toolName())
                  .put(
                      "toolArgs",
                      new JsonObject(new String(assign.toolArgs(), StandardCharsets.UTF_8)))
                  .put("timeout", assign.timeoutMs())
                  .put("priority", assign.priority())
                  .put("attempt", assign.attempt()));
      if (!sent) {
        // Its connection is gone: the hub that holds the task hears of that.
        return;
      }
      attempts.put(key(session, assign.taskId()), assign.attempt());
    }
    report(new TaskReport.Accepted(nodeId, assign.taskId(), assign.attempt()), 1);
  }

  private void result(NodeSession session, JsonObject data) {
    String taskId = text(data, "taskId");
    if (taskId == null || taskId.isEmpty()) {
      throw ApiErrors.invalid("taskId", "'taskId' is missing: it has to be the task_assign's.");
    }
    String nodeId = text(data, "nodeId");
    if (nodeId != null && !nodeId.equals(session.nodeId())) {
      throw ApiErrors.invalid(
          "nodeId", "'nodeId' has to be this connection's: " + session.nodeId());
    }
    if (!(data.getValue("success") instanceof Boolean success)) {
      throw ApiErrors.invalid("success", "'success' has to be true or false.");
    }
    Long given = data.getValue("attempt") instanceof Number number ? number.longValue() : null;
    Long remembered = attempts.get(key(session, taskId));
    if (given == null && remembered == null) {
      unknown.run();
      log.info("node {} has a result of task {}, which it was not given", session.nodeId(), taskId);
      return;
    }
    long attempt = given == null ? remembered : given;
    attempts.remove(key(session, taskId), attempt);
    long ms = data.getValue("executionTime") instanceof Number number ? number.longValue() : 0;
    report(
        new TaskReport.Result(
            session.nodeId(),
            taskId,
            attempt,
            success ? json(data.getValue("result")) : null,
            success ? null : error(data),
            ms),
        1);
  }

  /** A result is kept until the database has it, for a minute at most. */
  private void report(TaskReport report, int tried) {
    desk.apply(report)
        .onFailure(
            cause -> {
              boolean conflict =
                  cause instanceof FaultException fault
                      && fault.fault().failure() == Failure.CONFLICT;
              if (conflict) {
                return;
              }
              if (tried < TRIES) {
                later.accept(AGAIN_MS, () -> report(report, tried + 1));
              } else {
                log.warn(
                    "node {}'s report of task {} is lost: {}",
                    report.nodeId(),
                    report.taskId(),
                    cause.getMessage());
              }
            });
  }

  private static TaskError error(JsonObject data) {
    if (!(data.getValue("error") instanceof JsonObject error)) {
      return TaskError.of(TaskError.TOOL_FAILED, "the node gave no reason");
    }
    String code = text(error, "code");
    String message = text(error, "message");
    Object details = error.getValue("details");
    Object retryable =
        error.containsKey("retryable")
            ? error.getValue("retryable")
            : details instanceof JsonObject object ? object.getValue("retryable") : null;
    return new TaskError(
        code == null || code.isEmpty() ? TaskError.TOOL_FAILED : code,
        message,
        details == null ? null : io.vertx.core.json.Json.encode(details),
        !Boolean.FALSE.equals(retryable));
  }

  private static byte[] json(Object value) {
    return io.vertx.core.json.Json.encode(value).getBytes(StandardCharsets.UTF_8);
  }

  private static String text(JsonObject data, String field) {
    return data.getValue(field) instanceof String text ? text : null;
  }

  private static String key(NodeSession session, String taskId) {
    return session.nodeId() + '\n' + taskId;
  }
}
