package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.system.Outcome.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Workers that nothing can reach, each in a network of its own, joined by socket. They are killed,
 * cut off and healed, and their hub is restarted and killed, while clients keep asking: nothing
 * fails but what cannot be helped, and all get work again.
 */
class SocketFaultIT {
  private static final String[] WORKERS = {"killed", "cut", "restarted"};
  private static final int CLIENTS_OF_EACH_KIND = 5;
  private static final long CUT_MS = 20_000;

  @RegisterExtension final Fleet fleet = new Fleet();
  private final Upstream upstream = new Upstream("0.0.0.0");
  private final Load load = new Load(fleet.hub().port());
  private final Trial trial = new Trial(fleet, load, WORKERS);
  private final List<Island> islands = new ArrayList<>();
  private final String secret = UUID.randomUUID().toString() + UUID.randomUUID();

  @AfterEach
  void close() {
    load.close();
    fleet.close();
    islands.forEach(Island::close);
    upstream.close();
  }

  @Test
  void workersBehindASocketAreAsGoodAsOthers() {
    fleet
        .hubWith("ROOT_NODE_HOST", "0.0.0.0")
        .hubWith("ALLOW_ANONYMOUS", "true")
        .hubWith("ROOT_NODE_SECRET", secret);
    fleet.startHub();
    for (String id : WORKERS) {
      Island island = new Island();
      islands.add(island);
      fleet
          .on(island, id)
          .startWorkers(
              Map.of(
                  "OPENAI_BASE_URL",
                  upstream.url(island.modelHost()),
                  "ROOT_NODE_SECRET",
                  secret,
                  "DEMO_MODEL",
                  "on",
                  "DEMO_TOKEN_DELAY_MS",
                  "20"),
              id);
    }
    long start = System.nanoTime();
    load.start(CLIENTS_OF_EACH_KIND);
    trial.awaitTrafficOnAll(start);
    trial.expect("nothing happened", start, EnumSet.of(Kind.OK));

    aWorkerIsKilled();
    aWorkerIsCutOff();
    aWorkerIsRestarted();
    theHubIsRestarted();
    theHubIsKilled();

    load.stop();
    await("all clients are done").atMost(Duration.ofSeconds(60)).until(load::isOver);
    trial.print();
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

  private void aWorkerIsCutOff() {
    Island island = islands.get(1);
    trial.awaitStreams("cut");
    long cut = System.nanoTime();
    long cutAt = System.currentTimeMillis();
    island.cutOff();
    long noticedMs = trial.awaitOffline("cut") - cutAt;
    assertThat(noticedMs).as("ms until /api/workers shows a cut worker").isLessThan(7_000);

    await(CUT_MS + " ms without a network")
        .atMost(Duration.ofMillis(CUT_MS + 5_000))
        .until(() -> Trial.millisSince(cut) > CUT_MS);
    island.heal();
    long healed = System.nanoTime();
    fleet.awaitOnline("cut");
    long backMs = Trial.millisSince(healed);
    trial.awaitTrafficOnAll(System.nanoTime());
    trial.expectLostStreamsOnly("a worker cut off", "cut", cut, noticedMs + 2_000);
    assertThat(fleet.program("cut").runs()).isTrue();
    trial.note(
        "a worker cut off: offline in /api/workers after %d ms, back %d ms after it was healed"
            .formatted(noticedMs, backMs));
  }

  private void aWorkerIsRestarted() {
    trial.awaitStreams("restarted");
    long asked = System.nanoTime();
    fleet.program("restarted").signal("TERM");
    assertThat(fleet.program("restarted").awaitExit(Duration.ofSeconds(30)))
        .as("exit code after SIGTERM")
        .isZero();
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
    // What it had begun is finished.
    trial.hubComesBack("SIGTERM of the hub", asked, EnumSet.of(Kind.OK, Kind.NO_CONNECTION));
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
}
