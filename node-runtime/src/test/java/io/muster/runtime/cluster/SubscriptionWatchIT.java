package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.hazelcast.core.HazelcastInstance;
import io.muster.bus.Ack;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.node.Probe;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.spi.cluster.RegistrationInfo;
import io.vertx.core.spi.cluster.RegistrationListener;
import io.vertx.core.spi.cluster.RegistrationUpdateEvent;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.lang.reflect.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Addresses are found again after everything that makes the cluster forget them. */
class SubscriptionWatchIT {
  private static final Logger log = LoggerFactory.getLogger(SubscriptionWatchIT.class);
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration REPAIR = Duration.ofSeconds(6);
  private static final Duration HEAL = Duration.ofSeconds(45);
  private static final String HUB = "it.hub";
  private static final String WORKER = "it.worker";
  private static final String LOST = "addresses had been lost, and were registered again";

  @TempDir Path folder;

  private final int port = FreePorts.first(10);
  private final List<AutoCloseable> started = new ArrayList<>();

  private record Member(Cluster cluster, Bus bus, SubscriptionWatch watch) {}

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable member : started) {
      member.close();
    }
  }

  @Test
  void anEntryThatTheTableLostIsWrittenAgain() throws Exception {
    Member hub = join();
    Member worker = join();
    serve(hub, HUB);
    hazelcast(worker).getMultiMap("__vertx.subs").remove(HUB);
    hazelcast(worker).getMap("__vertx.nodeInfo").remove(hub.cluster().memberId());
    assertThat(answers(worker, HUB)).isFalse();
    await()
        .atMost(REPAIR)
        .pollInterval(Duration.ofMillis(20))
        .untilAsserted(() -> assertThat(hub.watch().trouble()).hasValue(LOST));
    await().atMost(REPAIR).until(() -> hub.watch().trouble().isEmpty());

    assertAnswersWithin(REPAIR, worker, HUB);
  }

  @Test
  void aPeerThatRemembersWronglyIsPutRight() throws Exception {
    Member hub = join();
    Member worker = join();
    serve(hub, HUB);
    assertAnswersWithin(REPAIR, worker, HUB);
    // As after an event of the table that never came: it still sends to a member long gone.
    remembered(worker.cluster().vertx())
        .registrationsUpdated(
            new RegistrationUpdateEvent(HUB, List.of(new RegistrationInfo("gone", 0, false))));
    assertThat(answers(worker, HUB)).isFalse();
    assertThat(answers(hub, HUB)).as("the hub itself sees nothing of it").isTrue();

    assertAnswersWithin(REPAIR, worker, HUB);
  }

  @Test
  void whatIsInOrderIsLeftAlone() throws Exception {
    Member hub = join();
    Member worker = join();
    serve(hub, HUB);
    assertAnswersWithin(REPAIR, worker, HUB);
    Object before = List.copyOf(hazelcast(hub).getMultiMap("__vertx.subs").get(HUB));

    await()
        .during(INTERVAL.multipliedBy(4))
        .atMost(INTERVAL.multipliedBy(6))
        .until(
            () -> List.copyOf(hazelcast(hub).getMultiMap("__vertx.subs").get(HUB)).equals(before));
  }

  @Test
  void aClosedAddressStaysClosed() throws Exception {
    Member hub = join();
    Member worker = join();
    Registration registration = serve(hub, HUB);
    assertAnswersWithin(REPAIR, worker, HUB);
    done(registration.close());

    await()
        .during(INTERVAL.multipliedBy(3))
        .atMost(INTERVAL.multipliedBy(5))
        .until(() -> !answers(worker, HUB));
  }

  @Test
  void aHubThatWasStoppedForLongAnswersAgain() throws Exception {
    // The hub is the oldest member: it leads the cluster, and the others have to do without.
    MemberProcess hub = process(HUB);
    Member worker = join();
    Member other = join();
    serve(worker, WORKER);
    assertAnswersWithin(REPAIR, worker, HUB);

    hub.signal("STOP");
    long stopped = System.nanoTime();
    await().atMost(Duration.ofSeconds(20)).until(() -> worker.cluster().members().size() == 2);
    log.warn("A stopped member was removed after {} ms", since(stopped));
    await().atMost(Duration.ofSeconds(20)).until(() -> since(stopped) > 15_000);
    hub.signal("CONT");

    long woken = System.nanoTime();
    assertAnswersWithin(HEAL, worker, HUB);
    log.warn("It answers a member {} ms after waking", since(woken));
    assertAnswersWithin(HEAL, other, HUB);
    assertAnswersWithin(REPAIR, other, WORKER);
    await().atMost(HEAL).until(() -> worker.cluster().members().size() == 3);
  }

  @Test
  void theDeathOfTheOldestAndOfSeveralAtOnceLosesNobodyElse() throws Exception {
    MemberProcess oldest = process("it.oldest");
    MemberProcess second = process("it.second");
    MemberProcess third = process("it.third");
    MemberProcess hub = process(HUB);
    Member worker = join();
    serve(worker, WORKER);
    for (String address : List.of("it.oldest", "it.second", "it.third", HUB)) {
      assertAnswersWithin(REPAIR, worker, address);
    }

    oldest.close();
    long killed = System.nanoTime();
    assertAnswersWithin(REPAIR, worker, HUB);
    log.warn("The hub answers {} ms after the oldest member's death", since(killed));

    second.signal("KILL");
    third.signal("KILL");
    killed = System.nanoTime();
    await().atMost(REPAIR).until(() -> worker.cluster().members().size() == 2);
    log.warn("Two members at once were removed after {} ms", since(killed));
    assertAnswersWithin(REPAIR, worker, HUB);
    Member late = join();
    assertAnswersWithin(REPAIR, late, HUB);
    assertAnswersWithin(REPAIR, late, WORKER);
    assertThat(answers(late, "it.second")).isFalse();
    assertThat(hub).isNotNull();
  }

  private void assertAnswersWithin(Duration limit, Member from, String address) {
    await().atMost(limit).pollInterval(Duration.ofMillis(50)).until(() -> answers(from, address));
  }

  private static boolean answers(Member from, String address) {
    try {
      Future<Ack> answer = from.bus().ask(address, new Probe.CallingBack(), Duration.ofSeconds(1));
      return Ack.OK.equals(done(answer));
    } catch (Exception e) {
      return false;
    }
  }

  private static Registration serve(Member member, String address) throws Exception {
    Registration registration =
        done(member.bus().serve(address, question -> Future.succeededFuture(Ack.OK)));
    member.watch().watch(registration);
    return registration;
  }

  private Member join() throws Exception {
    Cluster cluster = done(Cluster.join(Settings.load(Role.HUB, env(), folder)));
    Bus bus = new Bus(cluster.vertx());
    SubscriptionWatch watch = done(SubscriptionWatch.start(cluster, bus, INTERVAL));
    started.add(
        () -> {
          watch.stop();
          done(cluster.leave(Duration.ofSeconds(5)));
        });
    return new Member(cluster, bus, watch);
  }

  private MemberProcess process(String address) throws Exception {
    MemberProcess process = MemberProcess.start(address, env());
    started.add(process);
    return process;
  }

  private Map<String, String> env() {
    Map<String, String> env = new HashMap<>();
    env.put("CLUSTER_PORT", String.valueOf(port));
    env.put("CLUSTER_PORT_COUNT", "10");
    env.put("CLUSTER_NAME", "it-" + port);
    return env;
  }

  private static HazelcastInstance hazelcast(Member member) {
    return ((HazelcastClusterManager) member.cluster().manager()).getHazelcastInstance();
  }

  /** What the event bus of a member remembers of who serves what. */
  private static RegistrationListener remembered(Vertx vertx) throws Exception {
    Field selector = vertx.eventBus().getClass().getDeclaredField("nodeSelector");
    selector.setAccessible(true);
    return (RegistrationListener) selector.get(vertx.eventBus());
  }

  private static long since(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  private static <T> T done(Future<T> future) throws TimeoutException {
    return future.await(20, TimeUnit.SECONDS);
  }
}
