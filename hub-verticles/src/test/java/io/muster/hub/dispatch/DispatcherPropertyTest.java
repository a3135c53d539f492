package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.World.Sent;
import io.muster.hub.node.RemoteNode;
import io.muster.job.JobMessage;
import io.muster.node.NodeMessage;
import io.muster.node.NodeState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Thousands of steps in no particular order: jobs come, are cancelled, go on and fail; nodes come,
 * drain, stall, die and start again; time passes. Whatever happens, every job gets one end,
 * counters tell the truth, and nobody is sent what it may not get.
 */
class DispatcherPropertyTest {
  private static final String[] MODELS = {"m", "n", "o"};
  private static final String[] STRATEGIES = {
    "least-connections", "round-robin", "random", "power-of-two", "session"
  };

  /** An attempt as the test sees it: alive until its node's process or the job ends it. */
  private static final class Running {
    final Sent sent;
    final String instance;
    int seq;

    Running(Sent sent, String instance) {
      this.sent = sent;
      this.instance = instance;
    }
  }

  private static final class Watched {
    final FakeListener listener = new FakeListener();
    boolean cancelled;
    boolean wasBegun;
  }

  private Random random;
  private World world;
  private final Map<String, Watched> jobs = new HashMap<>();
  private final Map<Long, Running> running = new HashMap<>();
  private final List<Running> ended = new ArrayList<>();
  private final Set<String> ghosts = new HashSet<>();
  private int starts;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void everythingEndsOnce(long seed) {
    random = new Random(seed);
    world = new World(World.options(30, 3, 1 + random.nextInt(8)), STRATEGIES[(int) seed % 5]);
    for (int step = 0; step < 10_000; step++) {
      step();
      check();
    }
    settle();
    for (Watched job : jobs.values()) {
      assertThat(job.listener.ends)
          .as("%s: %s", job.listener.id, job.listener.told)
          .isEqualTo(job.cancelled ? 0 : 1);
    }
    long ends =
        world.observed.stream()
            .filter(o -> o.startsWith("completed ") || o.startsWith("failed "))
            .count();
    assertThat(ends).isEqualTo(jobs.size());
    assertThat(world.dispatcher.running()).isZero();
    assertThat(world.dispatcher.queued()).isZero();
    for (RemoteNode node : world.registry.all()) {
      assertThat(node.active()).as(node.id()).isZero();
    }
  }

  private void step() {
    int dice = random.nextInt(100);
    if (dice < 30) {
      submit();
    } else if (dice < 36) {
      pickJob().ifPresent(this::cancel);
    } else if (dice < 76) {
      pick(new ArrayList<>(running.values())).ifPresent(this::frame);
    } else if (dice < 80) {
      pick(ended).ifPresent(run -> lateFrame(run));
    } else if (dice < 84) {
      start("node" + random.nextInt(4));
    } else if (dice < 87) {
      pickNode().ifPresent(this::kill);
    } else if (dice < 89) {
      pickNode().ifPresent(this::drain);
    } else if (dice < 90) {
      String node = "node" + random.nextInt(4);
      if (!world.unreachable.remove(node)) {
        world.unreachable.add(node);
      }
    } else if (dice < 91) {
      world.now += random.nextInt(20_000) * World.MS;
      world.registry.sweep();
      world.dispatcher.sweep();
    } else {
      live(random.nextInt(1_500));
    }
    collect();
  }

  private void submit() {
    Watched job = new Watched();
    if (random.nextInt(3) == 0) {
      // Whoever is told may answer with something of his own.
      job.listener.atStarted = () -> maybe(() -> cancel(job));
      job.listener.atDelta = () -> maybe(() -> cancel(job));
      job.listener.atEnd =
          () ->
              maybe(
                  () -> {
                    pickJob().ifPresent(this::cancel);
                    submit();
                  });
    }
    Runnable atDelta = job.listener.atDelta;
    job.listener.atDelta =
        () -> {
          job.wasBegun = true;
          job.listener.handle.grant(1);
          atDelta.run();
        };
    String id = "job" + (jobs.size() + 1);
    jobs.put(id, job);
    job.listener.id = id;
    job.listener.handle =
        world.dispatcher.submit(
            World.job(id, MODELS[random.nextInt(3)], random.nextInt(11)), job.listener);
  }

  private void maybe(Runnable action) {
    if (random.nextInt(3) == 0) {
      action.run();
    }
  }

  private void cancel(Watched job) {
    if (job.listener.handle != null) {
      job.cancelled |= job.listener.ends == 0;
      job.listener.handle.cancel("test");
    }
  }

  private void frame(Running run) {
    switch (random.nextInt(12)) {
      case 0, 1 -> world.started(run.sent);
      case 2, 3, 4, 5, 6 -> world.delta(run.sent, ++run.seq);
      case 7, 8 -> world.done(run.sent, run.seq);
      case 9 -> {
        Failure[] all = Failure.values();
        Failure failure = all[random.nextInt(all.length)];
        world.failed(run.sent, Fault.of(failure, "test", random.nextInt(2) * 3_000L));
      }
      case 10 -> {
        run.seq += random.nextInt(3);
        world.delta(run.sent, run.seq);
      }
      default -> run.sent.undelivered().run();
    }
  }

  private void lateFrame(Running run) {
    switch (random.nextInt(4)) {
      case 0 -> world.started(run.sent);
      case 1 -> world.delta(run.sent, run.seq + 1);
      case 2 -> world.done(run.sent, run.seq);
      default -> run.sent.undelivered().run();
    }
  }

  private void start(String id) {
    ghosts.remove(id);
    List<String> models = new ArrayList<>(List.of(MODELS));
    models.remove(random.nextInt(3));
    world.register(
        id, id + "-" + ++starts, 1 + random.nextInt(4), models.get(0), models.get(1) + "@other");
  }

  private void kill(RemoteNode node) {
    switch (random.nextInt(4)) {
      case 0 -> world.gone(node.id());
      case 1 -> ghosts.add(node.id());
      case 2 ->
          world.registry.receive(
              new NodeMessage.Unregister(node.id(), node.info().instance(), "test"));
      default -> {
        world.gone(node.id());
        collect();
        start(node.id());
      }
    }
  }

  private void drain(RemoteNode node) {
    world.registry.receive(new NodeMessage.Drain(node.id(), node.info().instance(), "test"));
  }

  /** Time passes; nodes that are no ghosts heartbeat. */
  private void live(long ms) {
    for (long i = 0; i < ms; i += 250) {
      world.pass(250);
      collect();
      for (RemoteNode node : List.copyOf(world.registry.all())) {
        if (!ghosts.contains(node.id()) && random.nextInt(4) == 0) {
          world.registry.receive(
              new NodeMessage.Heartbeat(
                  node.id(),
                  node.info().instance(),
                  node.isDraining() && random.nextInt(20) > 0,
                  new io.muster.node.NodeStats(onNode(node), 0, 0, 0, 0),
                  null));
        }
      }
      world.registry.sweep();
      collect();
    }
  }

  private int onNode(RemoteNode node) {
    return (int) running.values().stream().filter(r -> belongs(r, node)).count();
  }

  private static boolean belongs(Running run, RemoteNode node) {
    return run.sent.nodeId().equals(node.id()) && run.instance.equals(node.info().instance());
  }

  /** Looks at what was sent, as it was sent, and at what has ended meanwhile. */
  private void collect() {
    for (Sent sent : world.take()) {
      RemoteNode node = world.remote(sent.nodeId());
      if (sent.message() instanceof JobMessage.Submit submit) {
        Watched job = jobs.get(submit.job().id());
        assertThat(job.wasBegun).as("%s was tried again", submit.job().id()).isFalse();
        Running run = new Running(sent, node.info().instance());
        assertThat(running.put(submit.ticket(), run)).isNull();
      }
    }
    running
        .values()
        .removeIf(
            run -> {
              boolean over = !world.dispatcher.has(World.ticket(run.sent));
              if (over) {
                ended.add(run);
              }
              return over;
            });
    if (ended.size() > 50) {
      ended.subList(0, 25).clear();
    }
  }

  private void check() {
    assertThat(world.dispatcher.queued()).isLessThanOrEqualTo(30 + 20);
    for (RemoteNode node : world.registry.all()) {
      int own = onNode(node);
      assertThat(node.active()).as(node.id()).isGreaterThanOrEqualTo(own);
      assertThat(own).isLessThanOrEqualTo(node.info().maxConcurrent());
      if (node.state() == NodeState.OFFLINE) {
        assertThat(own).as("%s is offline", node.id()).isZero();
      }
    }
  }

  /** No more faults: all that still runs or waits comes to its end. */
  private void settle() {
    world.unreachable.clear();
    ghosts.clear();
    jobs.values().forEach(job -> job.listener.atEnd = () -> {});
    for (int i = 0; i < 400; i++) {
      live(250);
      if (random.nextInt(4) == 0) {
        start("node" + random.nextInt(4));
        collect();
      }
      for (Running run : List.copyOf(running.values())) {
        if (random.nextBoolean()) {
          world.done(run.sent, run.seq);
        }
        collect();
      }
    }
    for (int i = 0; i < 4 * 70; i++) {
      world.pass(250);
      collect();
    }
    for (RemoteNode node : List.copyOf(world.registry.all())) {
      world.beat(node.id(), 0);
    }
  }

  /** Mostly one that runs: most others have ended long ago. */
  private Optional<Watched> pickJob() {
    return random.nextInt(4) == 0
        ? pick(new ArrayList<>(jobs.values()))
        : pick(new ArrayList<>(running.values())).map(r -> jobs.get(r.sent.submit().job().id()));
  }

  private Optional<RemoteNode> pickNode() {
    return pick(List.copyOf(world.registry.all()));
  }

  private <T> Optional<T> pick(List<T> list) {
    return list.isEmpty() ? Optional.empty() : Optional.of(list.get(random.nextInt(list.size())));
  }
}
