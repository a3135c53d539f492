package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
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
    trial.begin(CLIENTS_OF_EACH_KIND);

    trial.aWorkerIsKilled("killed");
    aWorkerIsCutOff();
    trial.aWorkerIsRestarted("restarted");
    trial.theHubIsRestarted("killed");
    trial.theHubIsKilled("killed");

    trial.end();
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
}
