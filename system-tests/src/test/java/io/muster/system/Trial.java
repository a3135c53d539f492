package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.system.Outcome.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What tests of faults have in common: faults, waits, and what clients may have been told
 * meanwhile.
 */
final class Trial {
  private final Fleet fleet;
  private final Load load;
  private final String[] workers;
  private final List<String> report = new ArrayList<>();

  Trial(Fleet fleet, Load load, String... workers) {
    this.fleet = fleet;
    this.load = load;
    this.workers = workers.clone();
  }

  /** A line for people. */
  void note(String line) {
    report.add(line);
  }

  private void print() {
    report.forEach(System.out::println);
  }

  /** Clients ask from now on, and all workers answer. */
  void begin(int clientsOfEachKind) {
    long start = System.nanoTime();
    load.start(clientsOfEachKind);
    awaitTrafficOnAll(start);
    expect("nothing happened", start, EnumSet.of(Kind.OK));
  }

  /** Nobody asks any more, and what was asked is answered. */
  void end() {
    load.stop();
    await("all clients are done").atMost(Duration.ofSeconds(60)).until(load::isOver);
    print();
  }

  /** A worker dies without a word, and is started again. */
  void aWorkerIsKilled(String worker) {
    awaitStreams(worker);
    long killed = System.nanoTime();
    long killedAt = System.currentTimeMillis();
    fleet.program(worker).kill();
    long noticedMs = awaitOffline(worker) - killedAt;
    assertThat(noticedMs).as("ms until /api/workers shows a killed worker").isLessThan(1_000);

    fleet.launchWorker(worker);
    fleet.awaitOnline(worker);
    awaitTrafficOnAll(System.nanoTime());
    expectLostStreamsOnly("kill -9 of a worker", worker, killed, 2_000);
    note("kill -9 of a worker: offline in /api/workers after " + noticedMs + " ms");
  }

  /** A worker is told to end, which costs nobody anything, and is started again. */
  void aWorkerIsRestarted(String worker) {
    awaitStreams(worker);
    long asked = System.nanoTime();
    terminate("a worker", worker, asked);
    fleet.launchWorker(worker);
    fleet.awaitOnline(worker);
    awaitTrafficOnAll(System.nanoTime());
    expect("SIGTERM of a worker", asked, EnumSet.of(Kind.OK));
  }

  /** The hub is told to end: what it had begun is finished. */
  void theHubIsRestarted(String streaming) {
    awaitStreams(streaming);
    long asked = System.nanoTime();
    terminate("the hub", "hub", asked);
    hubComesBack("SIGTERM of the hub", asked, EnumSet.of(Kind.OK, Kind.NO_CONNECTION));
  }

  void theHubIsKilled(String streaming) {
    awaitStreams(streaming);
    long killed = System.nanoTime();
    fleet.program("hub").kill();
    hubComesBack(
        "kill -9 of the hub",
        killed,
        EnumSet.of(Kind.OK, Kind.CUT, Kind.CUT_BEFORE_ANSWER, Kind.NO_CONNECTION));
  }

  private void terminate(String what, String program, long asked) {
    fleet.program(program).signal("TERM");
    assertThat(fleet.program(program).awaitExit(Duration.ofSeconds(30)))
        .as("exit code after SIGTERM")
        .isZero();
    note("SIGTERM of " + what + ": exit code 0 after " + millisSince(asked) + " ms");
  }

  private void hubComesBack(String name, long down, Set<Kind> begunBefore) {
    long launched = System.nanoTime();
    fleet.startHub();
    long ready = System.nanoTime();
    for (String id : workers) {
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
    note(
        "%s: ready again in %d ms, all workers %d ms later"
            .formatted(name, TimeUnit.NANOSECONDS.toMillis(ready - launched), allMs));
  }

  /** No worker is lost without streams on it: else nothing would be shown. */
  void awaitStreams(String worker) {
    await("streams on " + worker)
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> load.streamsOn(worker) >= 2);
  }

  /** Since when /api/workers shows the worker as gone, in milliseconds since 1970. */
  long awaitOffline(String id) {
    await(id + " offline")
        .atMost(Duration.ofSeconds(20))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .until(() -> fleet.hub().status(id).equals("offline"));
    return fleet.hub().getJson("/api/workers/" + id).path("status_since").asLong();
  }

  void awaitTrafficOnAll(long since) {
    await("answers of all workers")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(100))
        .untilAsserted(
            () -> assertThat(Load.workers(load.since(since))).containsExactlyInAnyOrder(workers));
  }

  void expect(String when, long since, Set<Kind> allowed) {
    expect(when, load.since(since), allowed);
  }

  void expect(String when, List<Outcome> outcomes, Set<Kind> allowed) {
    note(when + ": " + counted(outcomes));
    assertThat(outcomes).as(when).allMatch(outcome -> allowed.contains(outcome.kind()));
  }

  /**
   * Streams that had begun on the lost worker end in an explicit error, soon; nothing else does.
   */
  void expectLostStreamsOnly(String when, String worker, long since, long limitMs) {
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

  static long millisSince(long nanoTime) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanoTime);
  }
}
