package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.system.Outcome.Kind;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
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
    long start = System.nanoTime();
    load.start(CLIENTS_OF_EACH_KIND);
    trial.awaitTrafficOnAll(start);
    trial.expect("nothing happened", start, EnumSet.of(Kind.OK));

    aWorkerIsKilled();
    aWorkerStandsStill();
    aWorkerIsRestarted();
    theHubIsRestarted();
    theHubIsKilled();

    load.stop();
    await("all clients are done").atMost(Duration.ofSeconds(60)).until(load::isOver);
    trial.print();
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

  private void aWorkerIsKilled() {
    trial.awaitStreams("killed");
    long killed = System.nanoTime();
    long killedAt = System.currentTimeMillis();
    fleet.program("killed").kill();
    long noticedMs = trial.awaitOffline("killed") - killedAt;
    assertThat(noticedMs).as("ms until /api/workers shows a killed worker").isLessThan(1_000);

    fleet.launchWorker("killed");
    fleet.awaitOnline("killed");
    trial.awaitTrafficOnAll(System.nanoTime());
    trial.expectLostStreamsOnly("kill -9 of a worker", "killed", killed, 2_000);
    trial.note("kill -9 of a worker: offline in /api/workers after " + noticedMs + " ms");
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

  private void aWorkerIsRestarted() {
    trial.awaitStreams("restarted");
    long asked = System.nanoTime();
    fleet.program("restarted").signal("TERM");
    assertThat(fleet.program("restarted").awaitExit(Duration.ofSeconds(30)))
        .as("exit code after SIGTERM")
        .isZero();
    trial.note("SIGTERM of a worker: exit code 0 after " + Trial.millisSince(asked) + " ms");

    fleet.launchWorker("restarted");
    fleet.awaitOnline("restarted");
    trial.awaitTrafficOnAll(System.nanoTime());
    trial.expect("SIGTERM of a worker", asked, EnumSet.of(Kind.OK));
  }

  private void theHubIsRestarted() {
    trial.awaitStreams("killed");
    long asked = System.nanoTime();
    fleet.program("hub").signal("TERM");
    assertThat(fleet.program("hub").awaitExit(Duration.ofSeconds(30)))
        .as("exit code after SIGTERM")
        .isZero();
    trial.note("SIGTERM of the hub: exit code 0 after " + Trial.millisSince(asked) + " ms");
    trial.hubComesBack(
        "SIGTERM of the hub",
        asked,
        // What it had begun is finished.
        EnumSet.of(Kind.OK, Kind.NO_CONNECTION));
  }

  private void theHubIsKilled() {
    trial.awaitStreams("killed");
    long killed = System.nanoTime();
    fleet.program("hub").kill();
    trial.hubComesBack(
        "kill -9 of the hub",
        killed,
        EnumSet.of(Kind.OK, Kind.CUT, Kind.CUT_BEFORE_ANSWER, Kind.NO_CONNECTION));
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
