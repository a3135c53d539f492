package io.muster.hub.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.hub.gateway.NodeSession;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskReport;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskSocketTest {
  private final List<TaskReport> reports = new ArrayList<>();
  private final List<Runnable> later = new ArrayList<>();
  private final List<JsonObject> sent = new ArrayList<>();
  private Future<Ack> answer = Future.succeededFuture(Ack.OK);
  private int unknown;
  private boolean full;

  private final TaskSocket socket =
      new TaskSocket(
          report -> {
            reports.add(report);
            return answer;
          },
          (ms, action) -> later.add(action),
          () -> unknown++);
  private final NodeSession session = new Session();

  @Test
  void anAssignmentIsTheReferencesFrame() {
    assign(1);
    assertThat(sent.get(0).getString("type")).isEqualTo("task_assign");
    assertThat(sent.get(0).getJsonObject("data"))
        .isEqualTo(
            new JsonObject(
                "{\"taskId\":\"t\",\"nodeId\":\"n\",\"toolName\":\"play\",\"toolArgs\":{\"a\":1},"
                    + "\"timeout\":60000,\"priority\":5,\"attempt\":1}"));
    assertThat(reports).containsExactly(new TaskReport.Accepted("n", "t", 1));
    assign(1);
    assertThat(sent).as("told again, sent once").hasSize(1);
  }

  @Test
  void aResultWithoutAnAttemptIsOfTheOneThatWasGiven() {
    assign(3);
    result("{\"taskId\":\"t\",\"nodeId\":\"n\",\"success\":true,\"result\":{\"x\":1}}");
    TaskReport.Result report = (TaskReport.Result) reports.get(1);
    assertThat(report.attempt()).isEqualTo(3);
    assertThat(new String(report.result(), StandardCharsets.UTF_8)).isEqualTo("{\"x\":1}");
    result("{\"taskId\":\"t\",\"success\":true}");
    assertThat(unknown).as("it was said already").isEqualTo(1);
    assertThat(reports).hasSize(2);
  }

  @Test
  void anAttemptThatIsGivenIsTakenAtItsWord() {
    assign(3);
    result("{\"taskId\":\"t\",\"success\":true,\"attempt\":2}");
    assertThat(((TaskReport.Result) reports.get(1)).attempt()).isEqualTo(2);
  }

  @Test
  void anErrorIsTriedAgainUnlessItSaysOtherwise() {
    assign(1);
    result("{\"taskId\":\"t\",\"success\":false,\"error\":{\"code\":\"x\",\"message\":\"m\"}}");
    assertThat(error(1)).isEqualTo(new TaskError("x", "m", null, true));
    assign(2);
    result(
        "{\"taskId\":\"t\",\"success\":false,\"error\":{\"code\":\"x\",\"message\":\"m\","
            + "\"details\":{\"retryable\":false}}}");
    assertThat(error(3).retryable()).isFalse();
    assign(4);
    result("{\"taskId\":\"t\",\"success\":false}");
    assertThat(error(5).code()).isEqualTo(TaskError.TOOL_FAILED);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> result("{}")).hasMessageContaining("taskId");
    assertThatThrownBy(() -> result("{\"taskId\":\"t\"}")).hasMessageContaining("success");
    assertThatThrownBy(() -> result("{\"taskId\":\"t\",\"nodeId\":\"m\",\"success\":true}"))
        .hasMessageContaining("nodeId");
    result("{\"taskId\":\"never given\",\"success\":true}");
    assertThat(unknown).isEqualTo(1);
    assertThat(reports).isEmpty();
  }

  @Test
  void aResultIsKeptUntilTheDatabaseHasIt() {
    assign(1);
    answer = Future.failedFuture(new FaultException(Failure.UNREACHABLE, "database"));
    result("{\"taskId\":\"t\",\"success\":true}");
    assertThat(later).hasSize(1);
    answer = Future.failedFuture(new FaultException(Failure.CONFLICT, "too late"));
    later.remove(0).run();
    assertThat(reports).hasSize(3);
    assertThat(later).isEmpty();
  }

  @Test
  void aNodeThatTakesTooLittleGetsNoMore() {
    full = true;
    assign(1);
    assertThat(sent).isEmpty();
    assertThat(error(0).code()).isEqualTo(TaskError.BUSY);
  }

  @Test
  void aCancelReachesTheNode() {
    assign(1);
    socket.inbox(session).take(new TaskMessage.Abort("hub", "t", 1, "why"));
    assertThat(sent.get(1).getString("type")).isEqualTo("task_cancel");
  }

  private TaskError error(int index) {
    return ((TaskReport.Result) reports.get(index)).error();
  }

  private void assign(long attempt) {
    socket
        .inbox(session)
        .take(
            new TaskMessage.Assign(
                "hub",
                "t",
                attempt,
                "play",
                "{\"a\":1}".getBytes(StandardCharsets.UTF_8),
                60_000,
                5));
  }

  private void result(String data) {
    socket.frames().get("task_result").accept(session, new JsonObject(data));
  }

  private final class Session implements NodeSession {
    @Override
    public String nodeId() {
      return "n";
    }

    @Override
    public NodeInfo info() {
      return null;
    }

    @Override
    public boolean send(String type, JsonObject data) {
      sent.add(new JsonObject().put("type", type).put("data", data));
      return true;
    }

    @Override
    public boolean isFull() {
      return full;
    }

    @Override
    public void whenDrained(Runnable action) {}

    @Override
    public Runnable hold() {
      return () -> {};
    }

    @Override
    public void announce(NodeMessage message) {
      throw new UnsupportedOperationException("a node of another make speaks in frames");
    }

    @Override
    public void whenGone(Runnable action) {}
  }
}
