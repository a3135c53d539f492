package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Everything that may happen to processes, one after the other, while clients keep asking: what
 * they are told is counted, and nothing fails but what cannot be helped.
 */
class FaultIT {
  private static final String[] WORKERS = {"killed", "stopped", "restarted"};
  private static final int CLIENTS_OF_EACH_KIND = 6;

  @RegisterExtension final Fleet fleet = new Fleet();
  private final Upstream upstream = new Upstream();
  private final Load load = new Load(fleet.hub().port());
  private final Trial trial = new Trial(fleet, load, WORKERS);

  @AfterEach
  void close() {
    load.close();
    fleet.close();
    upstream.close();
  }

  @Test
  void nothingFailsThatNeedNotWhileProcessesDieAndComeBack() {
    fleet.startHub();
    fleet.startWorkers(
        Map.of("OPENAI_BASE_URL", upstream.url(), "DEMO_MODEL", "on", "DEMO_TOKEN_DELAY_MS", "20"),
        WORKERS);
    trial.begin(CLIENTS_OF_EACH_KIND);

    trial.aWorkerIsKilled("killed");
    aWorkerStandsStill();
    trial.aWorkerIsRestarted("restarted");
    trial.theHubIsRestarted("killed");
    trial.theHubIsKilled("killed");

    trial.end();
    sessionsAreIntact();
  }

  @Test
  void aStopWaitsForWhatRuns() {
    fleet.startHub();
    fleet.startWorkers(Map.of("OPENAI_BASE_URL", upstream.url()), "only");
    CompletableFuture<HttpResponse<String>> answer =
        CompletableFuture.supplyAsync(
            () -> fleet.hub().post("/api/chat", "{\"message\":\"hi\",\"model\":\"held\"}"));
    await("asked").atMost(Duration.ofSeconds(20)).until(() -> upstream.held() == 1);

    fleet.program("only").signal("TERM");
    await("the hub knows")
        .atMost(Duration.ofSeconds(10))
        .until(() -> fleet.hub().getJson("/api/workers/only").path("draining").asBoolean());
    fleet.program("hub").signal("TERM");
    await("the hub takes nothing new")
        .atMost(Duration.ofSeconds(10))
        .until(() -> !fleet.hub().isReady());
    assertThat(fleet.program("only").runs()).isTrue();
    assertThat(fleet.program("hub").runs()).isTrue();
    assertThat(answer).isNotDone();

    upstream.release();
    assertThat(answer.join().statusCode()).isEqualTo(200);
    assertThat(HubClient.parse(answer.join().body()).path("response").asText())
        .isEqualTo("released");
    assertThat(fleet.program("hub").awaitExit(Duration.ofSeconds(20))).isZero();
    assertThat(fleet.program("only").awaitExit(Duration.ofSeconds(20))).isZero();
  }

  private void aWorkerStandsStill() {
    trial.awaitStreams("stopped");
    long stopped = System.nanoTime();
    long stoppedAt = System.currentTimeMillis();
    fleet.program("stopped").signal("STOP");
    long noticedMs = trial.awaitOffline("stopped") - stoppedAt;
    assertThat(noticedMs).as("ms until /api/workers shows a stopped worker").isLessThan(6_000);

    await("15 s of standing still")
        .atMost(Duration.ofSeconds(20))
        .until(() -> Trial.millisSince(stopped) > 15_000);
    fleet.program("stopped").signal("CONT");
    long continued = System.nanoTime();
    fleet.awaitOnline("stopped");
    long backMs = Trial.millisSince(continued);
    trial.awaitTrafficOnAll(System.nanoTime());
    trial.expectLostStreamsOnly("SIGSTOP of a worker", "stopped", stopped, noticedMs + 2_000);
    trial.note(
        "SIGSTOP of a worker: offline in /api/workers after %d ms, back %d ms after SIGCONT"
            .formatted(noticedMs, backMs));
  }

  /** Every turn that was answered is there, in order; what is there beyond was sent at least. */
  private void sessionsAreIntact() {
    int turns = 0;
    for (Load.Session session : load.sessions()) {
      List<Map.Entry<String, String>> kept = new ArrayList<>();
      int last = 0;
      for (JsonNode turn : fleet.hub().getJson("/api/sessions/" + session.id).path("turns")) {
        assertThat(turn.path("number").asInt()).isGreaterThan(last);
        last = turn.path("number").asInt();
        String message = turn.path("message").asText();
        if (!session.inDoubt.contains(message)) {
          kept.add(Map.entry(message, turn.path("response").asText()));
        }
      }
      assertThat(kept).as(session.id).isEqualTo(session.acknowledged);
      turns += kept.size();
    }
    assertThat(turns).isGreaterThan(50);
    System.out.println("sessions: " + turns + " answered turns, all there and in order");
  }
}
