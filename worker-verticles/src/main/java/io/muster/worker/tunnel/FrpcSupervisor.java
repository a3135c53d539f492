package io.muster.worker.tunnel;

import io.muster.tunnel.Tunnel;
import io.muster.worker.tunnel.ProxyStates.ProxyState;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps frpc running with the tunnels that are wanted.
 *
 * <pre>
 *            wanted                    answers
 *  IDLE ───────────────▶ STARTING ───────────────▶ RUNNING
 *   ▲  none wanted          │ │ ends, hangs           │ ends, hangs
 *   └──── from all          │ └────────▶ WAITING ◀────┘
 *                 no program│               │ after a pause: STARTING
 *                           ▼               │
 *                        MISSING ◀──────────┘  looked for again at every tick
 * </pre>
 *
 * Used on the event loop.
 */
final class FrpcSupervisor {
  private static final Logger log = LoggerFactory.getLogger(FrpcSupervisor.class);

  private final Frpc frpc;
  private final Options options;
  private final LongSupplier nanos;
  private final DoubleSupplier random;
  private final Later later;
  private final Runnable changed;

  private Phase phase = Phase.IDLE;
  private List<Tunnel> wanted = List.of();
  private List<Tunnel> applied = List.of();
  private List<Tunnel> refused = List.of();
  private String refusal;
  private String problem;

  /** Why this process is killed, null while it is not. */
  private String silence;

  private Map<String, ProxyState> states = Map.of();
  private Frpc.Running running;
  private Future<Void> launching = Future.succeededFuture();
  private boolean asking;
  private boolean reloading;
  private long startedAt;
  private long heardAt;
  private long pauseMs;
  private int restarts;
  private boolean closed;

  /** What it does now. */
  enum Phase {
    IDLE,
    MISSING,
    STARTING,
    RUNNING,
    WAITING;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param hangMs of silence after which it is killed
   * @param restartMs the first pause before it is started again
   * @param stableMs after which the next pause is the first one again
   */
  record Options(long hangMs, long restartMs, long restartMaxMs, long stableMs) {}

  /** Runs something after a while. */
  interface Later {
    void in(long ms, Runnable action);
  }

  /**
   * @param random from 0 to below 1
   * @param changed is run when what can be seen of it is other than before
   */
  FrpcSupervisor(
      Frpc frpc,
      Options options,
      LongSupplier nanos,
      DoubleSupplier random,
      Later later,
      Runnable changed) {
    this.frpc = frpc;
    this.options = options;
    this.nanos = nanos;
    this.random = random;
    this.later = later;
    this.changed = changed;
    this.pauseMs = options.restartMs();
  }

  Phase phase() {
    return phase;
  }

  /** Why it does not run, or did not the last time, in frpc's words; null for nothing. */
  String problem() {
    return problem;
  }

  /** Why the tunnels that are wanted are not those that it has; null when they are. */
  String refusal() {
    return refusal;
  }

  int restarts() {
    return restarts;
  }

  /** What frpc said last; empty while it does not run. */
  Map<String, ProxyState> states() {
    return states;
  }

  /** These and no others are to be. */
  void want(List<Tunnel> tunnels) {
    wanted = List.copyOf(tunnels);
    if (closed) {
      return;
    }
    if (wanted.isEmpty()) {
      idle();
    } else if (phase == Phase.IDLE) {
      start();
    } else if (phase == Phase.RUNNING) {
      reload();
    }
  }

  /** Looks how it is; to be called now and then. */
  void tick() {
    if (closed || phase == Phase.IDLE || phase == Phase.WAITING) {
      return;
    }
    if (running == null) {
      if (phase == Phase.MISSING && !asking) {
        start();
      }
      return;
    }
    if (!asking) {
      ask(running);
    }
    if (nanos.getAsLong() - heardAt > options.hangMs() * 1_000_000) {
      silence = "frpc was silent for " + options.hangMs() + " ms and was killed";
      log.warn("{}", silence);
      heardAt = nanos.getAsLong();
      running.kill();
    }
  }

  /** Ends it. */
  Future<Void> close() {
    closed = true;
    Frpc.Running last = running;
    running = null;
    states = Map.of();
    return last == null ? launching : last.stop();
  }

  private void idle() {
    if (running != null) {
      Frpc.Running last = running;
      running = null;
      var unused = last.stop();
    }
    states = Map.of();
    problem = null;
    forgetRefusal();
    to(Phase.IDLE);
  }

  private void start() {
    to(phase == Phase.MISSING ? Phase.MISSING : Phase.STARTING);
    if (!launching.isComplete()) {
      // It was not wanted for a moment: the one that is being started is taken, or, where it is
      // being ended already, another one started after it.
      launching.onComplete(
          over -> {
            if (!closed && !wanted.isEmpty() && running == null && phase == Phase.STARTING) {
              start();
            }
          });
      return;
    }
    asking = true;
    frpc.isInstalled()
        .onComplete(
            looked -> {
              asking = false;
              if (closed || wanted.isEmpty() || running != null || !launching.isComplete()) {
                return;
              }
              if (looked.failed() || !looked.result()) {
                problem = "frpc is not installed";
                to(Phase.MISSING);
              } else {
                launch();
              }
            });
  }

  private void launch() {
    List<Tunnel> first = wanted;
    startedAt = nanos.getAsLong();
    heardAt = startedAt;
    to(Phase.STARTING);
    asking = true;
    launching = frpc.start(first).transform(started -> launched(first, started));
  }

  private Future<Void> launched(List<Tunnel> first, AsyncResult<Frpc.Running> started) {
    asking = false;
    boolean needed = !closed && !wanted.isEmpty();
    if (started.failed()) {
      if (needed) {
        problem = started.cause().getMessage();
        pause();
      }
      return Future.succeededFuture();
    }
    if (!needed) {
      return started.result().stop();
    }
    applied = first;
    silence = null;
    running = started.result();
    watch(running);
    tick();
    return Future.succeededFuture();
  }

  private void watch(Frpc.Running process) {
    process
        .ended()
        .onComplete(
            end -> {
              if (process != running) {
                return;
              }
              running = null;
              states = Map.of();
              String said = end.succeeded() ? end.result() : end.cause().getMessage();
              log.warn("frpc ended: {}", said);
              problem = silence == null ? said : silence;
              pause();
            });
  }

  private void pause() {
    if (nanos.getAsLong() - startedAt >= options.stableMs() * 1_000_000) {
      pauseMs = options.restartMs();
    }
    long due = pauseMs;
    pauseMs = Math.min(options.restartMaxMs(), 2 * pauseMs);
    to(Phase.WAITING);
    later.in(
        Math.max(1, Math.round(due * (0.5 + random.getAsDouble() / 2))),
        () -> {
          if (!closed && phase == Phase.WAITING) {
            restarts++;
            start();
          }
        });
  }

  private void ask(Frpc.Running process) {
    asking = true;
    process
        .status()
        .onComplete(
            answer -> {
              asking = false;
              if (process != running || closed || answer.failed()) {
                return;
              }
              heardAt = nanos.getAsLong();
              boolean other = !states.equals(answer.result());
              states = Map.copyOf(answer.result());
              if (phase != Phase.RUNNING) {
                problem = null;
                to(Phase.RUNNING);
              } else if (other) {
                changed.run();
              }
              reload();
            });
  }

  private void reload() {
    if (reloading || wanted.equals(applied) || wanted.equals(refused)) {
      if (wanted.equals(applied)) {
        forgetRefusal();
      }
      return;
    }
    reloading = true;
    List<Tunnel> next = wanted;
    Frpc.Running process = running;
    process
        .reload(next)
        .onComplete(
            reloaded -> {
              reloading = false;
              if (process != running || closed) {
                return;
              }
              if (reloaded.succeeded()) {
                applied = next;
                forgetRefusal();
                log.info("frpc has taken up {} tunnels", next.size());
              } else if (reloaded.cause() instanceof IllegalArgumentException wrong) {
                refused = next;
                refusal = wrong.getMessage();
                log.warn("frpc refuses its tunnels: {}", refusal);
              } else {
                // Silent, or gone: the next look at it says which, and tries once more.
                refusal = reloaded.cause().getMessage();
                log.debug("frpc was not reloaded", reloaded.cause());
                changed.run();
                return;
              }
              changed.run();
              reload();
            });
  }

  private void forgetRefusal() {
    refused = List.of();
    refusal = null;
  }

  private void to(Phase next) {
    if (phase != next) {
      phase = next;
      changed.run();
    }
  }
}
