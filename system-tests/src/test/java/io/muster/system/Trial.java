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

/** What tests of faults have in common: waits, and what clients may have been told meanwhile. */
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

  void print() {
    report.forEach(System.out::println);
  }

  void hubComesBack(String name, long down, Set<Kind> begunBefore) {
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
