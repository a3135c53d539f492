package io.muster.hub.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.event.ClusterEvent;
import io.muster.hub.gateway.BinaryPeer;
import io.muster.hub.gateway.NodeSession;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.relay.Inward;
import io.muster.relay.RelayPeer;
import io.muster.relay.Socket;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The hub's end of a relay on a real bus, with a worker's end that says what it should not, too.
 */
class RelayIT {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String HUB = "hub-a";
  private static final String TASKS = "muster.test.tasks";

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Bus bus = new Bus(vertx);
  private final FakeSession session = new FakeSession();
  private final List<Record> onBus = new CopyOnWriteArrayList<>();
  private final List<Record> atWorker = new CopyOnWriteArrayList<>();
  private final AtomicLong now = new AtomicLong();
  private BinaryPeer hubEnd;
  private RelayPeer worker;

  @BeforeEach
  void connect() throws Exception {
    Relay relay =
        new Relay(
            bus,
            new Relay.Options(HUB, new RelayPeer.Limits(1_000, 200_000, 300_000, 4), 1_000, 3),
            new RelayRules(Map.of(TASKS, (nodeId, message) -> message.equals(Ack.OK))),
            "hub-b"::equals,
            registration -> {},
            now::get);
    loop(relay::start);
    loop(() -> bus.<Record>listen(Addresses.frames(HUB), onBus::add));
    loop(() -> bus.<Record>listen(Addresses.EVENTS, onBus::add));
    loop(() -> bus.<Record, Ack>serve(TASKS, question -> Future.succeededFuture(Ack.OK)));
    loop(
        () -> {
          worker = new RelayPeer(new WorkerSocket(), new Ears(), limits());
          hubEnd = relay.open(session, frame -> vertx.runOnContext(v -> worker.receive(frame)));
          return hubEnd.ready();
        });
  }

  private static RelayPeer.Limits limits() {
    return new RelayPeer.Limits(1_000, 200_000, 300_000, 4);
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void passesOnWhatBelongsToTheWorker() throws Exception {
    JobMessage.Credit credit = new JobMessage.Credit(HUB, 1, 2);
    loop(() -> bus.tell(Addresses.node("far"), credit));
    bus.publish(Addresses.NODES, new HubMessage.Hello("hub-b", "1"));
    bus.publish(Addresses.NODES, new HubMessage.Welcome(HUB, "other", "i"));
    bus.publish(Addresses.NODES, new HubMessage.Welcome(HUB, "far", "i"));
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(atWorker)
                    .containsExactly(
                        credit,
                        new HubMessage.Hello("hub-b", "1"),
                        new HubMessage.Welcome(HUB, "far", "i")));
    assertThat(loop(() -> bus.<Record>ask(Addresses.node("far"), Ack.OK, SOON))).isEqualTo(Ack.OK);
  }

  @Test
  void saysOnTheBusWhatTheWorkerMaySay() throws Exception {
    FrameBatch frames = new FrameBatch("far", List.of(new Frame.Started(1)));
    ClusterEvent event = new ClusterEvent("1", "x", "far", 1, Map.of());
    NodeMessage.Heartbeat beat = new NodeMessage.Heartbeat("far", "i", false, NodeStats.NONE, null);
    loop(() -> worker.tell(Addresses.frames(HUB), frames));
    loop(() -> worker.publish(Addresses.EVENTS, event));
    loop(() -> worker.publish(Addresses.HUBS, beat));
    loop(() -> worker.tell(Addresses.frames("hub-gone"), frames));
    assertThat(loop(() -> worker.ask(TASKS, Ack.OK, SOON))).isEqualTo(Ack.OK);
    assertThat(onBus).containsExactly(frames, event);
    assertThat(session.announced).containsExactly(beat);
  }

  @Test
  void refusesWhatIsSaidInAnothersNameAndCutsOffWhoGoesOn() throws Exception {
    assertThatThrownBy(() -> loop(() -> worker.ask(TASKS, new HubMessage.Hello("h", "1"), SOON)))
        .satisfies(e -> assertThat(Fault.from(e).failure()).isEqualTo(Failure.FORBIDDEN));
    loop(() -> worker.tell(Addresses.frames(HUB), new FrameBatch("other", List.of())));
    loop(() -> worker.tell(Addresses.node("other"), new JobMessage.Cancel(HUB, 1, "x")));
    assertThat(onBus).isEmpty();
    await().atMost(SOON).until(session::isEnded);
    assertThat(session.announced).hasSize(1);
    // Its address is served no more.
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> loop(() -> bus.tell(Addresses.node("far"), Ack.OK)))
                    .isNotNull());
  }

  @Test
  void noiseEndsTheConnection() throws Exception {
    loop(
        () -> {
          hubEnd.receive(Buffer.buffer("what is this: no relay message at all"));
          return Future.succeededFuture();
        });
    assertThat(session.isEnded()).isTrue();
  }

  @Test
  void whoTakesTooLittleIsCutOffBeforeItCostsMemory() throws Exception {
    session.full = true;
    JobMessage.Cancel big = new JobMessage.Cancel(HUB, 1, "x".repeat(90_000));
    for (int i = 0; i < 6 && !session.isEnded(); i++) {
      loop(() -> bus.tell(Addresses.node("far"), big).otherwiseEmpty());
    }
    await().atMost(SOON).until(session::isEnded);
  }

  @Test
  void aRequestThatTheConnectionDoesNotTakeFailsAlone() throws Exception {
    Job job = new Job("j", "r", Job.Kind.CHAT, "m", false, null, 5, 1_000, new byte[200_001]);
    loop(() -> bus.tell(Addresses.node("far"), new JobMessage.Submit(HUB, 7, 1, job)));
    await().atMost(SOON).until(() -> !onBus.isEmpty());
    FrameBatch told = (FrameBatch) onBus.get(0);
    assertThat(told.nodeId()).isEqualTo("far");
    assertThat(told.frames().get(0))
        .isInstanceOfSatisfying(
            Frame.Failed.class,
            failed -> {
              assertThat(failed.ticket()).isEqualTo(7);
              assertThat(failed.fault().failure()).isEqualTo(Failure.TOO_LARGE);
              assertThat(failed.fault().message()).contains("RELAY_MESSAGE_BYTES");
            });
    loop(() -> bus.tell(Addresses.node("far"), new JobMessage.Cancel(HUB, 7, "x".repeat(200_001))));
    assertThat(session.isEnded()).as("the worker is well").isFalse();
    assertThat(loop(() -> bus.<Record>ask(Addresses.node("far"), Ack.OK, SOON))).isEqualTo(Ack.OK);
  }

  @Test
  void whoIsSilentForTooLongIsGivenUp() {
    await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(100))
        .until(
            () -> {
              now.addAndGet(100_000_000L);
              return session.isEnded();
            });
  }

  @Test
  void aHubThatStoodStillBlamesNobody() {
    now.addAndGet(60_000_000_000L);
    await().during(Duration.ofMillis(500)).until(() -> !session.isEnded());
  }

  private <T> T loop(Supplier<Future<T>> action) throws Exception {
    Promise<T> done = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(done));
    return done.future().await(10, TimeUnit.SECONDS);
  }

  /** What the worker's end hears. */
  private final class Ears implements Inward {
    @Override
    public void tell(String address, Record message) {
      atWorker.add(message);
    }

    @Override
    public void publish(String address, Record message) {
      atWorker.add(message);
    }

    @Override
    public Future<Record> ask(String address, Record question, Duration timeout) {
      return Future.succeededFuture(question);
    }

    @Override
    public void unreadable(String why) {
      throw new AssertionError(why);
    }
  }

  private final class WorkerSocket implements Socket {
    @Override
    public void write(Buffer frame) {
      hubEnd.receive(frame);
    }

    @Override
    public boolean isFull() {
      return false;
    }

    @Override
    public void whenDrained(Runnable action) {
      action.run();
    }

    @Override
    public void soon(Runnable action) {
      vertx.runOnContext(v -> action.run());
    }

    @Override
    public Runnable later(long ms, Runnable action) {
      long id = vertx.setTimer(ms, fired -> action.run());
      return () -> vertx.cancelTimer(id);
    }
  }

  private static final class FakeSession implements NodeSession {
    final List<NodeMessage> announced = new CopyOnWriteArrayList<>();
    volatile boolean full;

    boolean isEnded() {
      return announced.stream().anyMatch(NodeMessage.Unregister.class::isInstance);
    }

    @Override
    public String nodeId() {
      return "far";
    }

    @Override
    public NodeInfo info() {
      return new NodeInfo(
          "far", "i", "a", "far", null, null, null, 0, null, null, null, null, null, null, 1, null,
          null);
    }

    @Override
    public boolean send(String type, JsonObject data) {
      return true;
    }

    @Override
    public boolean isFull() {
      return full;
    }

    @Override
    public void whenDrained(Runnable action) {}

    @Override
    public void whenGone(Runnable action) {}

    @Override
    public Runnable hold() {
      return () -> {};
    }

    @Override
    public void announce(NodeMessage message) {
      announced.add(message);
    }
  }
}
