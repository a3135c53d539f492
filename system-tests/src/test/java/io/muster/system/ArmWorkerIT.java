package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The worker's jar on a Java for aarch64, emulated where this machine is another: it starts, finds
 * its hub, and answers. Skipped where scripts/test could not have such a Java, which it says.
 */
class ArmWorkerIT {
  /** Emulated, a start takes some twenty times as long. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  @RegisterExtension final Fleet fleet = new Fleet();

  @Test
  void startsRegistersAndAnswers() {
    String java = System.getenv("MUSTER_ARM_JAVA");
    assumeTrue(java != null, "no Java for aarch64 (scripts/lib/arm.sh)");
    try (fleet) {
      // Its heartbeats come late now and then, on a machine that does other things too.
      fleet.hubWith("WORKER_TIMEOUT_MS", "60000").startHub();
      List<String> command = new ArrayList<>(List.of(java.split(" ")));
      command.add("-XX:TieredStopAtLevel=1");
      fleet.with(command, "arm");
      fleet.launchWorkers(
          Map.of("ROOT_NODE_URL", fleet.hub().url(), "NODE_LINK", "socket", "DEMO_MODEL", "on"),
          "arm");
      fleet.awaitOnline("arm", PATIENCE);
      JsonNode answer =
          HubClient.parse(
              fleet
                  .hub()
                  .post("/api/chat", "{\"session_id\":\"s\",\"message\":\"Repeat: aarch64\"}")
                  .body());
      assertThat(answer.path("worker_id").asText()).isEqualTo("arm");
      assertThat(answer.path("response").asText()).contains("aarch64");
    }
  }
}
