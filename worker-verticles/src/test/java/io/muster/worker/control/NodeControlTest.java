package io.muster.worker.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import io.muster.bus.Ack;
import io.muster.bus.FaultException;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeInfo;
import io.muster.node.NodeStats;
import io.muster.node.NodeType;
import io.muster.runtime.log.RecentLogs;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeControlTest {
  private final List<String> done = new ArrayList<>();
  private final NodeControl control =
      new NodeControl(
          new NodeControl.Steered() {
            @Override
            public NodeInfo info() {
              return new NodeInfo(
                  "w",
                  "i",
                  null,
                  "n",
                  null,
                  NodeType.WORKER,
                  "1",
                  0,
                  null,
                  null,
                  null,
                  null,
                  null,
                  null,
                  1,
                  null,
                  Map.of());
            }

            @Override
            public NodeStats stats() {
              return NodeStats.NONE;
            }

            @Override
            public boolean draining() {
              return done.contains("drain why") && !done.contains("resume");
            }

            @Override
            public void drain(String reason) {
              done.add("drain " + reason);
            }

            @Override
            public void resume() {
              done.add("resume");
            }

            @Override
            public void end(boolean again) {
              done.add("end " + again);
            }
          },
          (level, limit) -> new NodeAnswer.LogPage(List.of(), limit),
          config -> Future.succeededFuture(new NodeAnswer.ConfigOutcome(config.version(), null)));

  private Object ask(NodeCommand command) {
    return control.take(command).result();
  }

  @Test
  void drainsAndResumes() {
    assertThat(ask(new NodeCommand.DrainNode("why"))).isEqualTo(Ack.OK);
    assertThat(((NodeAnswer.Pong) ask(new NodeCommand.PingNode())).draining()).isTrue();
    assertThat(ask(new NodeCommand.ResumeNode())).isEqualTo(Ack.OK);
    assertThat(((NodeAnswer.Pong) ask(new NodeCommand.PingNode())).draining()).isFalse();
  }

  @Test
  void takesNothingMoreWhenItEnds() {
    ask(new NodeCommand.RestartNode("why"));

    assertThat(done).containsExactly("end true");
    for (NodeCommand late :
        List.of(
            new NodeCommand.ResumeNode(),
            new NodeCommand.UnloadNode("why"),
            new NodeCommand.ApplyConfig(1, Map.of()))) {
      assertThatThrownBy(() -> control.take(late)).isInstanceOf(FaultException.class);
    }
    assertThat(ask(new NodeCommand.FetchLogs("info", 3)))
        .isEqualTo(new NodeAnswer.LogPage(List.of(), 3));
    assertThat(ask(new NodeCommand.PingNode())).isInstanceOf(NodeAnswer.Pong.class);
  }

  @Test
  void theNewestLinesOfALogFit() {
    List<RecentLogs.Line> lines =
        List.of(line("a".repeat(60)), line("b".repeat(60)), line("c".repeat(30)));

    NodeAnswer.LogPage page = LogPages.fitting(lines, 100);

    assertThat(page.lines()).extracting(line -> line.message().charAt(0)).containsExactly('b', 'c');
    assertThat(page.missing()).isEqualTo(1);
  }

  private static RecentLogs.Line line(String message) {
    return new RecentLogs.Line(1, Level.WARN, "l", "t", null, message, null);
  }
}
