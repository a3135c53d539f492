package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The example in another language, as its users start it, at a real hub with a real worker. */
class PythonCompanionIT {
  private static final String KEY = "vcp-key-of-a-test-0123456789";
  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension private final Fleet fleet = new Fleet().hubWith("VCP_KEY", KEY);

  private Program companion;

  @BeforeEach
  void start() throws Exception {
    Path python = Path.of("/usr/bin/python3");
    Needed.that(Files.isExecutable(python) && imports(python), "python3-websockets");
    fleet.startHub();
    fleet.startWorkers(Map.of("DEMO_MODEL", "on"), "worker-1");
    Path example = Path.of("..", "examples", "python-companion", "companion.py");
    companion =
        Program.start(
            "yue",
            List.of(
                python.toString(),
                example.toAbsolutePath().normalize().toString(),
                "--hub",
                "ws://127.0.0.1:" + fleet.hub().port()),
            fleet.folder(),
            fleet.folder().resolve("yue.out"),
            Map.of("VCP_KEY", KEY));
    awaitOnline();
  }

  @AfterEach
  void stop() {
    if (companion != null) {
      companion.close();
    }
    fleet.close();
  }

  private static boolean imports(Path python) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(python.toString(), "-c", "import websockets").start();
    return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
  }

  private void awaitOnline() {
    await("the companion")
        .atMost(SOON)
        .until(
            () -> {
              if (!companion.runs()) {
                throw new IllegalStateException(companion.tail());
              }
              JsonNode first = fleet.hub().getJson("/api/companions").path("companions").path(0);
              return first.path("status").asText().equals("online");
            });
  }

  @Test
  void isTalkedToAndAnswersByAModelOfTheFleet() {
    JsonNode answer = say("Hello, who are you?");
    assertThat(answer.path("worker_id").asText()).isEqualTo("yue");
    assertThat(answer.path("response").asText()).isNotBlank();
    assertThat(say("And again?").path("session_id").asText()).isEqualTo("s1");
    JsonNode session = fleet.hub().getJson("/api/sessions/s1?companion=yue");
    assertThat(session.path("turn_count").asInt()).isEqualTo(2);
  }

  @Test
  void runsAToolForATaskAndComesBackAfterTheHub() {
    assertThat(wordsOf("one two three")).isEqualTo(3);
    fleet.program("hub").kill();
    fleet.startHub();
    awaitOnline();
    assertThat(wordsOf("four five")).isEqualTo(2);
  }

  private JsonNode say(String message) {
    HttpResponse<String> response =
        fleet
            .hub()
            .post(
                "/api/chat",
                "{\"companion\":\"yue\",\"session_id\":\"s1\",\"message\":\"" + message + "\"}");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return HubClient.parse(response.body());
  }

  private int wordsOf(String text) {
    HttpResponse<String> response =
        fleet
            .hub()
            .post(
                "/api/tasks?wait=20000",
                "{\"toolName\":\"word_count\",\"toolArgs\":{\"text\":\"" + text + "\"}}");
    assertThat(response.statusCode()).as(response.body()).isLessThan(300);
    return HubClient.parse(response.body()).findPath("words").asInt(-1);
  }
}
