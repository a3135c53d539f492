package io.muster.bus;

import static io.muster.bus.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.node.HubMessage;
import io.muster.node.Probe;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The bus between two members of a real cluster, and a third that is killed. */
class BusIT {
  private static final Duration ONE_MS = Duration.ofMillis(1);
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String CLUSTER = "bus-it-" + UUID.randomUUID();

  private static int seed;
  private static Vertx here;
  private static Vertx there;
  private static Bus bus;
  private static Bus peer;

  @BeforeAll
  static void start() throws Exception {
    seed = freePort();
    here = TestCluster.join(CLUSTER, seed, seed);
    there = TestCluster.join(CLUSTER, freePort(), seed);
    bus = new Bus(here);
    peer = new Bus(there);
  }

  @AfterAll
  static void stop() throws Exception {
    await(there.close());
    await(here.close());
  }

  @Test
  void everyMessageTravels() throws Exception {
    BlockingQueue<Record> heard = new LinkedBlockingQueue<>();
    await(peer.<Record>listen("it.listen", heard::add));
    BlockingQueue<String> echoes = new LinkedBlockingQueue<>();
    peer.onEcho((address, echo) -> echoes.add(address + " " + echo.nonce()));
    for (Record message : Messages.all()) {
      await(bus.tell("it.listen", message));
      if (message instanceof Probe.Echo) {
        assertThat(echoes.poll(5, TimeUnit.SECONDS)).isEqualTo("it.listen nonce");
      } else {
        assertThat(heard.poll(5, TimeUnit.SECONDS)).usingRecursiveComparison().isEqualTo(message);
      }
    }
  }

  @Test
  void publishedReachesAllOnce() throws Exception {
    BlockingQueue<Record> heard = new LinkedBlockingQueue<>();
    await(peer.<Record>listen("it.publish", heard::add));
    await(bus.<Record>listen("it.publish", heard::add));
    bus.publish("it.publish", new Probe.CallingBack());
    assertThat(heard.poll(5, TimeUnit.SECONDS)).isNotNull();
    assertThat(heard.poll(5, TimeUnit.SECONDS)).isNotNull();
    assertThat(heard).isEmpty();
    bus.publish("it.nobody.listens", new Probe.CallingBack());
  }

  @Test
  void requestsEndWithWhatTheHandlerSays() throws Exception {
    await(
        peer.<HubMessage.Hello, HubMessage.Hello>serve(
            "it.serve",
            question ->
                switch (question.hubId()) {
                  case "fails" ->
                      Future.failedFuture(new FaultException(Failure.TOO_LARGE, "too much"));
                  case "throws" -> throw new IllegalStateException("a bug");
                  case "breaks" -> throw new StackOverflowError();
                  case "forgets" -> null;
                  default -> Future.succeededFuture(new HubMessage.Hello(question.hubId(), ""));
                }));
    HubMessage.Hello pong = await(bus.ask("it.serve", new HubMessage.Hello("fine", ""), SOON));
    assertThat(pong.hubId()).isEqualTo("fine");
    assertThat(faultOf(bus.ask("it.serve", new HubMessage.Hello("fails", ""), SOON)))
        .isEqualTo(Fault.of(Failure.TOO_LARGE, "too much"));
    assertThat(faultOf(bus.ask("it.serve", new HubMessage.Hello("throws", ""), SOON)))
        .isEqualTo(Fault.of(Failure.INTERNAL, "a bug"));
    assertThat(faultOf(bus.ask("it.serve", new HubMessage.Hello("breaks", ""), SOON)))
        .isEqualTo(Fault.of(Failure.INTERNAL, "StackOverflowError"));
    assertThat(faultOf(bus.ask("it.serve", new HubMessage.Hello("forgets", ""), SOON)).failure())
        .isEqualTo(Failure.INTERNAL);
  }

  @Test
  void askingNobodyFailsAtOnceAndAskingTheSilentInTime() throws Exception {
    long begin = System.nanoTime();
    Fault nobody = faultOf(bus.ask("it.nobody", new Probe.CallingBack(), Duration.ofSeconds(20)));
    assertThat(nobody.failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(SOON);

    await(
        peer.<Probe.CallingBack, Ack>serve(
            "it.silent", question -> Promise.<Ack>promise().future()));
    Fault silent = faultOf(bus.ask("it.silent", new Probe.CallingBack(), Duration.ofMillis(200)));
    assertThat(silent.failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(silent.message()).contains("in time");
  }

  @Test
  void tellingNobodyFailsAtOnce() throws Exception {
    assertThat(bus.tell("it.nobody.either", new Probe.CallingBack())).satisfies(BusIT::fails);
    Registration registration = await(peer.<Record>listen("it.left", message -> {}));
    await(bus.tell("it.left", new Probe.CallingBack()));
    await(registration.close());
    await().atMost(SOON).until(() -> hasFailed(bus.tell("it.left", new Probe.CallingBack())));
  }

  @Test
  void whatCannotBeEncodedFailsInsteadOfThrowing() throws Exception {
    record Stranger(int x) {}
    assertThat(bus.tell("it.x", new Stranger(1))).satisfies(BusIT::fails);
    assertThat(bus.ask("it.x", new Stranger(1), SOON)).satisfies(BusIT::fails);
  }

  @Test
  void framesArriveInOrderAndAllOfThem() throws Exception {
    List<Integer> seqs = new ArrayList<>();
    Promise<Void> all = Promise.promise();
    int count = 5_000;
    await(
        peer.<FrameBatch>listen(
            "it.frames",
            batch -> {
              batch.frames().forEach(frame -> seqs.add(((Frame.Delta) frame).seq()));
              if (seqs.size() == count) {
                all.complete();
              }
            }));
    here.runOnContext(
        v -> {
          for (int i = 1; i <= count; i++) {
            bus.tell(
                    "it.frames",
                    new FrameBatch("n", List.of(new Frame.Delta(1, i, 1, new byte[] {1}))))
                .onFailure(all::tryFail);
          }
        });
    await(all.future());
    assertThat(seqs).hasSize(count).isSorted();
  }

  @Test
  void aRenewedRegistrationMissesNothing() throws Exception {
    AtomicInteger served = new AtomicInteger();
    Registration registration =
        await(
            peer.<Probe.CallingBack, Ack>serve(
                "it.renewed",
                question -> {
                  served.incrementAndGet();
                  return Future.succeededFuture(Ack.OK);
                }));
    for (int round = 0; round < 20; round++) {
      Future<Void> renewal = registration.renew();
      do {
        await(bus.<Ack>ask("it.renewed", new Probe.CallingBack(), SOON));
      } while (!renewal.isComplete());
      await(renewal);
    }
    int before = served.get();
    await(bus.<Ack>ask("it.renewed", new Probe.CallingBack(), SOON));
    assertThat(served.get()).as("it is served once").isEqualTo(before + 1);

    await(registration.close());
    assertThat(registration.renew()).satisfies(BusIT::fails);
    await().atMost(SOON).until(() -> hasFailed(bus.tell("it.renewed", new Probe.CallingBack())));
  }

  @Test
  void aRegistrationThatTheClusterLostIsBackOnceRenewed() throws Exception {
    Registration registration =
        await(peer.<Probe.CallingBack, Ack>serve("it.lost", q -> Future.succeededFuture(Ack.OK)));
    await(bus.<Ack>ask("it.lost", new Probe.CallingBack(), SOON));
    HazelcastClusterManager cluster =
        (HazelcastClusterManager) ((VertxInternal) here).clusterManager();
    cluster.getHazelcastInstance().getMultiMap("__vertx.subs").remove("it.lost");
    await().atMost(SOON).until(() -> hasFailed(bus.tell("it.lost", new Probe.CallingBack())));
    await(registration.renew());
    await().atMost(SOON).until(() -> !hasFailed(bus.tell("it.lost", new Probe.CallingBack())));
    await(registration.close());
    await().atMost(SOON).until(() -> hasFailed(bus.tell("it.lost", new Probe.CallingBack())));
  }

  @Test
  void aKilledPeerIsNoticedByTelling() throws Exception {
    Process process = peerProcess("it.killed");
    try {
      await(bus.<Ack>ask("it.killed", new Probe.CallingBack(), SOON));
      await(bus.tell("it.killed", new Probe.CallingBack()));
      process.destroyForcibly();
      long begin = System.nanoTime();
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(SOON)
          .until(() -> hasFailed(bus.tell("it.killed", new Probe.CallingBack())));
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
      // None succeeds from here on; those caught by the member's removal may never end.
      List<Future<Void>> tells = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Future<Void> tell = bus.tell("it.killed", new Probe.CallingBack());
        tells.add(tell);
        await().pollInterval(ONE_MS).pollDelay(ONE_MS).until(() -> true);
      }
      await().atMost(SOON).until(() -> hasFailed(bus.tell("it.killed", new Probe.CallingBack())));
      assertThat(tells).noneMatch(Future::succeeded);
      assertThat(tells.stream().filter(Future::failed).count()).isGreaterThan(100);
    } finally {
      process.destroyForcibly();
      process.waitFor();
    }
  }

  private static Process peerProcess(String address) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp"));
    command.add(System.getProperty("java.class.path"));
    command.add(PeerProcess.class.getName());
    command.addAll(List.of(CLUSTER, String.valueOf(freePort()), String.valueOf(seed), address));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    assertThat(output.readLine()).isEqualTo("ready");
    return process;
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Fault faultOf(Future<?> future) throws Exception {
    try {
      await(future);
    } catch (ExecutionException e) {
      return Fault.from(e.getCause());
    }
    throw new AssertionError("did not fail");
  }

  private static void fails(Future<?> future) {
    try {
      await(future);
    } catch (ExecutionException e) {
      return;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("did not fail");
  }

  private static boolean hasFailed(Future<?> future) throws Exception {
    try {
      future.toCompletionStage().toCompletableFuture().get(1, TimeUnit.SECONDS);
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }
}
