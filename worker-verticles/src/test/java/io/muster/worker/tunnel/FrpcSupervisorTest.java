package io.muster.worker.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelType;
import io.muster.worker.tunnel.FrpcSupervisor.Phase;
import io.muster.worker.tunnel.ProxyStates.ProxyState;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When frpc is started, asked, reloaded, killed and started again; a frpc of no process. */
class FrpcSupervisorTest {
  private static final List<Tunnel> ONE = List.of(tunnel("a"));
  private static final List<Tunnel> TWO = List.of(tunnel("a"), tunnel("b"));
  private static final long STABLE_MS = 60_000;

  private final List<Long> pauses = new ArrayList<>();
  private final List<Life> lives = new ArrayList<>();
  private final List<Runnable> due = new ArrayList<>();
  private final List<Promise<Frpc.Running>> held = new ArrayList<>();
  private Future<Boolean> looked;
  private boolean holds;
  private boolean installed = true;
  private boolean answers = true;
  private RuntimeException refusal;
  private long nowMs;

  private final FrpcSupervisor supervisor =
      new FrpcSupervisor(
          new Played(),
          new FrpcSupervisor.Options(5_000, 1_000, 8_000, STABLE_MS),
          () -> nowMs * 1_000_000,
          () -> 1,
          (ms, action) -> {
            pauses.add(ms);
            due.add(action);
          },
          () -> {});

  @Test
  void startsWhatIsWantedAndEndsWhatIsNot() {
    supervisor.want(List.of());
    assertThat(supervisor.phase()).isEqualTo(Phase.IDLE);
    supervisor.want(ONE);
    assertThat(supervisor.phase()).isEqualTo(Phase.RUNNING);
    assertThat(lives).hasSize(1);
    assertThat(supervisor.states()).containsKey("a");
    supervisor.want(List.of());
    assertThat(lives.get(0).stopped).isTrue();
    assertThat(supervisor.phase()).isEqualTo(Phase.IDLE);
    assertThat(supervisor.states()).isEmpty();
  }

  @Test
  void changesTheTunnelsOfARunningOne() {
    supervisor.want(ONE);
    supervisor.want(TWO);
    assertThat(lives).hasSize(1);
    assertThat(lives.get(0).tunnels).isEqualTo(TWO);
  }

  @Test
  void saysWhatFrpcRefusesAndDoesNotAskAgainForTheSame() {
    supervisor.want(ONE);
    refusal = new IllegalArgumentException("name conflict");
    supervisor.want(TWO);
    supervisor.tick();
    assertThat(supervisor.refusal()).isEqualTo("name conflict");
    assertThat(lives.get(0).reloads).isEqualTo(1);
    refusal = null;
    supervisor.want(ONE);
    assertThat(supervisor.refusal()).isNull();
  }

  @Test
  void reloadsOnceMoreWhenItWasNotHeard() {
    supervisor.want(ONE);
    refusal = new IllegalStateException("no answer");
    supervisor.want(TWO);
    assertThat(lives.get(0).reloads).isEqualTo(1);
    assertThat(supervisor.refusal()).isEqualTo("no answer");
    refusal = null;
    supervisor.tick();
    assertThat(lives.get(0).tunnels).isEqualTo(TWO);
    assertThat(supervisor.refusal()).isNull();
  }

  @Test
  void waitsLongerAfterEachEndAndShortlyAfterAStableLife() {
    supervisor.want(ONE);
    for (int i = 0; i < 5; i++) {
      end("crash " + i);
      assertThat(supervisor.phase()).isEqualTo(Phase.WAITING);
      due.remove(0).run();
      assertThat(supervisor.phase()).isEqualTo(Phase.RUNNING);
    }
    assertThat(pauses).containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 8_000L);
    nowMs += STABLE_MS;
    end("after a long life");
    assertThat(pauses).last().isEqualTo(1_000L);
    assertThat(supervisor.problem()).isEqualTo("after a long life");
    assertThat(supervisor.restarts()).isEqualTo(5);
  }

  @Test
  void startsWithWhatIsWantedByThen() {
    supervisor.want(ONE);
    end("crash");
    supervisor.want(TWO);
    due.remove(0).run();
    assertThat(lives.get(1).tunnels).isEqualTo(TWO);
  }

  @Test
  void killsOneThatIsSilent() {
    supervisor.want(ONE);
    answers = false;
    nowMs += 4_999;
    supervisor.tick();
    assertThat(lives.get(0).killed).isFalse();
    nowMs += 2;
    supervisor.tick();
    assertThat(lives.get(0).killed).isTrue();
    assertThat(supervisor.phase()).isEqualTo(Phase.WAITING);
    assertThat(supervisor.problem()).contains("silent for 5000 ms");
    answers = true;
    due.remove(0).run();
    assertThat(supervisor.problem()).isNull();
    end("crash");
    assertThat(supervisor.problem()).isEqualTo("crash");
  }

  @Test
  void looksAgainForAProgramThatIsMissing() {
    installed = false;
    supervisor.want(ONE);
    assertThat(supervisor.phase()).isEqualTo(Phase.MISSING);
    assertThat(supervisor.problem()).contains("not installed");
    supervisor.tick();
    assertThat(supervisor.phase()).isEqualTo(Phase.MISSING);
    installed = true;
    supervisor.tick();
    assertThat(supervisor.phase()).isEqualTo(Phase.RUNNING);
    assertThat(supervisor.problem()).isNull();
  }

  @Test
  void startsNothingOnceItIsClosed() {
    supervisor.want(ONE);
    end("crash");
    assertThat(supervisor.close().succeeded()).isTrue();
    due.remove(0).run();
    supervisor.want(TWO);
    assertThat(lives).hasSize(1);
  }

  @Test
  void endsWithTheOneThatIsBeingStarted() {
    holds = true;
    supervisor.want(ONE);
    Future<Void> closed = supervisor.close();
    assertThat(closed.isComplete()).isFalse();
    held.remove(0).complete(lives.get(0));
    assertThat(lives.get(0).stopped).isTrue();
    assertThat(closed.succeeded()).isTrue();
  }

  @Test
  void startsNoSecondOneWhenItIsWantedAgainWhileItStarts() {
    holds = true;
    supervisor.want(ONE);
    supervisor.want(List.of());
    assertThat(supervisor.phase()).isEqualTo(Phase.IDLE);
    supervisor.want(TWO);
    held.remove(0).complete(lives.get(0));
    assertThat(lives).hasSize(1);
    assertThat(lives.get(0).stopped).isFalse();
    assertThat(lives.get(0).tunnels).isEqualTo(TWO);
    assertThat(supervisor.phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void startsAnotherOneAfterTheOneThatIsBeingEnded() {
    holds = true;
    supervisor.want(ONE);
    supervisor.want(List.of());
    Promise<Void> ended = Promise.promise();
    lives.get(0).ending = ended.future();
    held.remove(0).complete(lives.get(0));
    assertThat(lives.get(0).stopped).isTrue();
    supervisor.want(TWO);
    assertThat(lives).hasSize(1);
    ended.complete();
    assertThat(lives).hasSize(2);
    held.remove(0).complete(lives.get(1));
    assertThat(lives.get(1).tunnels).isEqualTo(TWO);
    assertThat(supervisor.phase()).isEqualTo(Phase.RUNNING);
  }

  @Test
  void startsOneHoweverOftenItIsLookedFor() {
    Promise<Boolean> looking = Promise.promise();
    looked = looking.future();
    supervisor.want(ONE);
    supervisor.want(List.of());
    supervisor.want(TWO);
    holds = true;
    looking.complete(true);
    assertThat(lives).hasSize(1);
  }

  @Test
  void isIdleWhereNothingIsWantedAnyMoreWhenAStartFails() {
    holds = true;
    supervisor.want(ONE);
    supervisor.want(List.of());
    held.remove(0).fail("no memory");
    assertThat(supervisor.phase()).isEqualTo(Phase.IDLE);
    assertThat(pauses).isEmpty();
  }

  private void end(String words) {
    lives.get(lives.size() - 1).ended.tryComplete(words);
  }

  private static Tunnel tunnel(String name) {
    return new Tunnel(name, TunnelType.TCP, "127.0.0.1", 22, 20_000, List.of());
  }

  private final class Played implements Frpc {
    @Override
    public Future<Boolean> isInstalled() {
      return looked == null ? Future.succeededFuture(installed) : looked;
    }

    @Override
    public Future<Running> start(List<Tunnel> tunnels) {
      Life life = new Life(tunnels);
      lives.add(life);
      if (!holds) {
        return Future.succeededFuture(life);
      }
      Promise<Running> promise = Promise.promise();
      held.add(promise);
      return promise.future();
    }
  }

  private final class Life implements Frpc.Running {
    private final Promise<String> ended = Promise.promise();
    private List<Tunnel> tunnels;
    private int reloads;
    private boolean killed;
    private boolean stopped;
    private Future<Void> ending = Future.succeededFuture();

    Life(List<Tunnel> tunnels) {
      this.tunnels = tunnels;
    }

    @Override
    public Future<String> ended() {
      return ended.future();
    }

    @Override
    public Future<Map<String, ProxyState>> status() {
      return answers
          ? Future.succeededFuture(Map.of("a", new ProxyState("running", null, "s:20000")))
          : Future.failedFuture("silent");
    }

    @Override
    public Future<Void> reload(List<Tunnel> next) {
      reloads++;
      if (refusal != null) {
        return Future.failedFuture(refusal);
      }
      tunnels = next;
      return Future.succeededFuture();
    }

    @Override
    public void kill() {
      killed = true;
      ended.tryComplete("killed");
    }

    @Override
    public Future<Void> stop() {
      stopped = true;
      ended.tryComplete("stopped");
      return ending;
    }
  }
}
