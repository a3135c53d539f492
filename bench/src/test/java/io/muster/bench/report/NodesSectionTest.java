package io.muster.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bench.load.Times;
import io.muster.bench.report.NodeMeasurements.Dispatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodesSectionTest {
  @TempDir Path dir;

  @Test
  void takesItsOwnPlaceInThePageOrTheEnd() {
    assertThat(NodesSection.into("# A\n", "## Nodes and tasks\nnew\n"))
        .isEqualTo("# A\n\n## Nodes and tasks\nnew\n");
    assertThat(
            NodesSection.into(
                "# A\n\n## Nodes and tasks\nold\n\n## B\nb\n", "## Nodes and tasks\nnew\n"))
        .isEqualTo("# A\n\n## Nodes and tasks\nnew\n\n## B\nb\n");
    assertThat(NodesSection.into("# A\n", "")).isEqualTo("# A\n");
  }

  @Test
  void isFoundInAPage() throws IOException {
    Path page = dir.resolve("page.md");
    Files.writeString(page, "# A\n\n## Nodes and tasks\nold\n\n## B\nb\n");
    assertThat(NodesSection.of(page)).isEqualTo("## Nodes and tasks\nold\n\n");
    Files.writeString(page, "# A\n");
    assertThat(NodesSection.of(page)).isEmpty();
  }

  @Test
  void showsWhatWasMeasuredAndADashForWhatWasNot() {
    NodeMeasurements all = new NodeMeasurements();
    all.add(NodeFigure.JOIN, 2.5);
    Times times = new Times();
    times.record(1_500_000);
    all.add(new Dispatch(1000, 16), times, times);
    all.countTasks(3, 2);
    all.countErrors(Map.of("status 429", 4L));

    String text = NodesSection.markdown(all, "abc", 3, "0.1 0.2 0.3", 0);

    assertThat(text)
        .contains("| 1 000 new nodes joined within (s) | 2.50 |")
        .contains("| tasks accepted/s | – |")
        .contains("| 1 000 | 16 | 1 500 |")
        .contains("| accepted tasks that ended as completed | 2 of 3 |")
        .contains("| errors | 4 × status 429 |");
  }
}
