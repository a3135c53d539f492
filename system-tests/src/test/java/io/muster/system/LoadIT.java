package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Apache's load tool against a fleet of three: {@code ab} speaks HTTP/1.0 and counts an answer of
 * another length than the first one as failed.
 */
class LoadIT {
  private static final String[] WORKERS = {"load-1", "load-2", "load-3"};

  @RegisterExtension static final Fleet FLEET = new Fleet();

  @BeforeAll
  static void start() {
    FLEET.startHub();
    FLEET.startWorkers(Map.of("DEMO_TOKEN_DELAY_MS", "5"), WORKERS);
  }

  @AfterAll
  static void stop() {
    FLEET.close();
  }

  @Test
  void oneSessionTakesAllItsTurnsOneAfterTheOther() throws Exception {
    load("{\"session_id\":\"one\",\"message\":\"Repeat: hello there\"}");

    assertThat(FLEET.hub().getJson("/api/sessions/one").path("turn_count").asInt()).isEqualTo(100);
  }

  @Test
  void manySessionsAreSpreadOverTheWorkers() throws Exception {
    Map<String, Long> before = FLEET.requestsByWorker();

    // Without an id each request begins a session of its own.
    load("{\"message\":\"Repeat: hello there\"}");

    Map<String, Long> after = FLEET.requestsByWorker();
    for (String worker : WORKERS) {
      assertThat(after.get(worker) - before.get(worker)).as(worker).isGreaterThanOrEqualTo(10);
    }
  }

  private static void load(String body) throws Exception {
    Path post = Files.writeString(Files.createTempFile(FLEET.folder(), "post", ".json"), body);
    Program ab =
        Program.start(
            "ab",
            List.of(
                Needed.program("ab").toString(),
                "-n",
                "100",
                "-c",
                "20",
                "-s",
                "60",
                "-T",
                "application/json",
                "-p",
                post.toString(),
                FLEET.hub().url() + "/api/chat"),
            FLEET.folder(),
            Files.createTempFile(FLEET.folder(), "ab", ".out"),
            Map.of());

    assertThat(ab.awaitExit(Duration.ofSeconds(90))).as(ab.output()).isZero();
    assertThat(ab.output())
        .containsPattern("Complete requests: +100\n")
        .containsPattern("Failed requests: +0\n")
        .doesNotContain("Non-2xx responses");
  }
}
