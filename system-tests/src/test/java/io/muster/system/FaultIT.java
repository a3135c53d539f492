package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.system.Outcome.Kind;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
  private final List<String> report = new ArrayList<>();

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
    awaitTrafficOnAll(start);
    expect("nothing happened", start, EnumSet.of(Kind.OK));

    aWorkerIsKilled();
    aWorkerStandsStill();
    aWorkerIsRestarted();
    theHubIsRestarted();
    theHubIsKilled();

    load.stop();
    await("all clients are done").atMost(Duration.ofSeconds(60)).until(load::isOver);
    report.forEach(System.out::println);
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
    awaitStreams("killed");
    long killed = System.nanoTime();
    long killedAt = System.currentTimeMillis();
    fleet.program("killed").kill();
    long noticedMs = awaitOffline("killed") - killedAt;
    assertThat(noticedMs).as("ms until /api/workers shows a killed worker").isLessThan(1_000);

    fleet.launchWorker("killed");
    fleet.awaitOnline("killed");
    awaitTrafficOnAll(System.nanoTime());
    expectLostStreamsOnly("kill -9 of a worker", "killed", killed, 2_000);
    report.add("kill -9 of a worker: offline in /api/workers after " + noticedMs + " ms");
  }

  private void aWorkerStandsStill() {
    awaitStreams("stopped");
    long stopped = System.nanoTime();
    long stoppedAt = System.currentTimeMillis();
    fleet.program("stopped").signal("STOP");
    long noticedMs = awaitOffline("stopped") - stoppedAt;
    assertThat(noticedMs).as("ms until /api/workers shows a stopped worker").isLessThan(6_000);

    await("15 s of standing still")
        .atMost(Duration.ofSeconds(20))
        .until(() -> millisSince(stopped) > 15_000);
    fleet.program("stopped").signal("CONT");
    long continued = System.nanoTime();
    fleet.awaitOnline("stopped");
    long backMs = millisSince(continued);
    awaitTrafficOnAll(System.nanoTime());
    expectLostStreamsOnly("SIGSTOP of a worker", "stopped", stopped, noticedMs + 2_000);
    report.add(
        "SIGSTOP of a worker: offline in /api/workers after %d ms, back %d ms after SIGCONT"
            .formatted(noticedMs, backMs));
  }

  private void aWorkerIsRestarted() {
    awaitStreams("restarted");
    long asked = System.nanoTime();
    fleet.program("restarted").signal("TERM");
    assertThat(fleet.program("restarted").awaitExit(Duration.ofSeconds(30)))
        .as("exit code after SIGTERM")
        .isZero();
    report.add("SIGTERM of a worker: exit code 0 after " + millisSince(asked) + " ms");

    fleet.launchWorker("restarted");
    fleet.awaitOnline("restarted");
    awaitTrafficOnAll(System.nanoTime());
    expect("SIGTERM of a worker", asked, EnumSet.of(Kind.OK));
  }

  private void theHubIsRestarted() {
    awaitStreams("killed");
    long asked = System.nanoTime();
    fleet.program("hub").signal("TERM");
    assertThat(fleet.program("hub").awaitExit(Duration.ofSeconds(30)))
        .as("exit code after SIGTERM")
        .isZero();
    report.add("SIGTERM of the hub: exit code 0 after " + millisSince(asked) + " ms");
    hubComesBack(
        "SIGTERM of the hub",
        asked,
        // What it had begun is finished.
        EnumSet.of(Kind.OK, Kind.NO_CONNECTION));
  }

  private void theHubIsKilled() {
    awaitStreams("killed");
    long killed = System.nanoTime();
    fleet.program("hub").kill();
    hubComesBack(
        "kill -9 of the hub",
        killed,
        EnumSet.of(Kind.OK, Kind.CUT, Kind.CUT_BEFORE_ANSWER, Kind.NO_CONNECTION));
  }

  private void hubComesBack(String name, long down, Set<Kind> begunBefore) {
    long launched = System.nanoTime();
    fleet.startHub();
    long ready = System.nanoTime();
    for (String id : WORKERS) {
      fleet.awaitOnline(id);
    }
    long allMs = millisSince(ready);
    await("answers to what was asked afterwards")
        .atMost(Duration.ofSeconds(30))
        .until(() -> load.since(ready).stream().filter(o -> o.begunAt() - ready > 0).count() >= 30);
    awaitTrafficOnAll(ready);

    List<Outcome> before = new ArrayList<>();
    List<Outcome> meanwhile = new ArrayList<>();
    List<Outcome> after = new ArrayList<>();
    for (Outcome outcome : load.since(down)) {
      if (outcome.begunAt() - down < 0) {
        before.add(outcome);
      } else if (outcome.begunAt() - ready < 0) {
        meanwhile.add(outcome);
      } else {
        after.add(outcome);
      }
    }
    expect(name + ", begun before", before, begunBefore);
    expect(
        name + ", begun while it is down",
        meanwhile,
        EnumSet.of(Kind.OK, Kind.NO_CONNECTION, Kind.CUT_BEFORE_ANSWER, Kind.COME_BACK));
    expect(name + ", begun after", after, EnumSet.of(Kind.OK));
    report.add(
        "%s: ready again in %d ms, all workers %d ms later"
            .formatted(name, TimeUnit.NANOSECONDS.toMillis(ready - launched), allMs));
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

  /** No worker is lost without streams on it: else nothing would be shown. */
  private void awaitStreams(String worker) {
    await("streams on " + worker)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> load.streamsOn(worker) >= 2);
  }

  /** Since when /api/workers shows the worker as gone, in milliseconds since 1970. */
  private long awaitOffline(String id) {
    await(id + " offline")
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> fleet.hub().status(id).equals("offline"));
    return fleet.hub().getJson("/api/workers/" + id).path("status_since").asLong();
  }

  private void awaitTrafficOnAll(long since) {
    await("answers of all workers")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> assertThat(Load.workers(load.since(since))).containsExactlyInAnyOrder(WORKERS));
  }

  private void expect(String when, long since, Set<Kind> allowed) {
    expect(when, load.since(since), allowed);
  }

  private void expect(String when, List<Outcome> outcomes, Set<Kind> allowed) {
    report.add(when + ": " + counted(outcomes));
    assertThat(outcomes).as(when).allMatch(outcome -> allowed.contains(outcome.kind()));
  }

  /**
   * Streams that had begun on the lost worker end in an explicit error, soon; nothing else does.
   */
  private void expectLostStreamsOnly(String when, String worker, long since, long limitMs) {
    expect(when, since, EnumSet.of(Kind.OK, Kind.ERROR_EVENT));
    List<Outcome> lost =
        load.since(since).stream().filter(o -> o.kind() == Kind.ERROR_EVENT).toList();
    assertThat(lost)
        .as(when)
        .isNotEmpty()
        .allSatisfy(
            outcome -> {
              assertThat(outcome.worker()).isEqualTo(worker);
              assertThat(TimeUnit.NANOSECONDS.toMillis(outcome.endedAt() - since))
                  .isLessThan(limitMs);
            });
  }

  private static Map<Kind, Integer> counted(List<Outcome> outcomes) {
    Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
    outcomes.forEach(outcome -> counts.merge(outcome.kind(), 1, Integer::sum));
    return new TreeMap<>(counts);
  }

  private static long millisSince(long nanoTime) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
  }
}
