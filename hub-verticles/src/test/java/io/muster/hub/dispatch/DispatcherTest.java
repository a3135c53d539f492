package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.World.Sent;
import io.muster.job.Frame;
import io.muster.job.JobMessage;
import io.muster.job.Usage;
import io.muster.node.NodeMessage;
import io.muster.node.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DispatcherTest {
  private World world = new World();

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(world.dispatcher.running()).isZero();
    assertThat(world.dispatcher.queued()).isZero();
    world.registry.all().forEach(node -> assertThat(node.active()).as(node.id()).isZero());
  }

  @Test
  void aStreamGoesItsWay() {
    world.node("a", 2, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    assertThat(sent.nodeId()).isEqualTo("a");
    assertThat(sent.submit().credit()).isEqualTo(4);
    assertThat(world.active("a")).isEqualTo(1);
    world.started(sent);
    assertThat(listener.told).isEmpty();
    world.frame(
        sent,
        new Frame.Delta(World.ticket(sent), 1, 1, World.bytes("x")),
        new Frame.Delta(World.ticket(sent), 2, 3, World.bytes("y")),
        new Frame.Done(World.ticket(sent), 2, "stop", Usage.NONE, null));
    assertThat(listener.told).containsExactly("started a", "delta 1", "delta 2", "done");
    assertThat(world.observed)
        .containsExactly(
            "submitted job1", "attempted job1 a 1", "firstToken job1 a", "completed job1 a");
    assertThat(world.take()).isEmpty();
  }

  @Test
  void framesAfterTheEndAreHarmless() {
    world.node("a", 2, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.done(sent, 0);
    world.done(sent, 0);
    world.delta(sent, 1);
    world.failed(sent, Failure.INTERNAL);
    assertThat(listener.told).containsExactly("started a", "done");
    assertThat(world.take()).isEmpty();
  }

  @Test
  void framesOfOtherNodesAreNotBelieved() {
    world.node("a", 2, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.done(new Sent("b", sent.message(), null), 0);
    assertThat(listener.told).isEmpty();
    world.done(sent, 0);
  }

  @Test
  void aNodeThatWorksForNobodyIsToldSo() {
    world.node("a", 2, "m");
    world.submit("m").handle.cancel("gone");
    Sent submit = world.take().get(0);
    world.started(submit);
    assertThat(world.take())
        .singleElement()
        .satisfies(
            sent ->
                assertThat(sent.message())
                    .isEqualTo(
                        new JobMessage.Cancel("hub", World.ticket(submit), "nobody waits for it")));
  }

  // ---- trying elsewhere

  @ParameterizedTest
  @EnumSource
  void whatMayBeTriedElsewhereIs(Failure failure) {
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    FakeListener listener = world.submit("m");
    Sent first = world.takeSubmit();
    world.failed(first, failure);
    if (failure.mayTryElsewhere()) {
      Sent second = world.takeSubmit();
      assertThat(second.nodeId()).isNotEqualTo(first.nodeId());
      assertThat(World.ticket(second)).isNotEqualTo(World.ticket(first));
      world.done(first, 0);
      assertThat(listener.told).as("a late frame of the first").isEmpty();
      world.done(second, 0);
      assertThat(listener.told).containsExactly("started " + second.nodeId(), "done");
    } else {
      assertThat(listener.told).containsExactly("failed " + failure);
      assertThat(world.take()).isEmpty();
    }
    world.beat("a", 0);
    world.beat("b", 0);
  }

  @ParameterizedTest
  @EnumSource
  void nothingIsTriedElsewhereOnceItHasBegun(Failure failure) {
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    world.failed(sent, failure);
    assertThat(listener.told)
        .containsExactly("started a", "delta 1", "failed " + failure + " begun");
    assertThat(world.take()).isEmpty();
    world.beat("a", 0);
  }

  @Test
  void triesAreBounded() {
    for (String node : List.of("a", "b", "c", "d", "e")) {
      world.node(node, 1, "m");
    }
    FakeListener listener = world.submit("m");
    List<String> nodes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Sent sent = world.takeSubmit();
      nodes.add(sent.nodeId());
      world.failed(sent, Failure.PROVIDER_ERROR);
    }
    assertThat(nodes).doesNotHaveDuplicates();
    assertThat(world.take()).isEmpty();
    assertThat(listener.told).containsExactly("failed PROVIDER_ERROR");
  }

  @Test
  void theRetryBudgetIsSharedByAll() {
    world = new World(new Dispatcher.Options(2_000, 30_000, 10, 20_000, 3, 0, 1, 0, 4), "random");
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    int tries = 0;
    for (int i = 0; i < 20; i++) {
      FakeListener listener = world.submit("m");
      for (int turn = 0; turn < 100 && listener.ends == 0; turn++) {
        for (Sent sent : world.take()) {
          tries++;
          world.failed(sent, Failure.PROVIDER_ERROR);
        }
        if (listener.ends == 0) {
          world.pass(250);
        }
      }
      assertThat(listener.ends).isEqualTo(1);
    }
    // Ten at hand, and one for every second that all this took.
    long seconds = (world.now - 1_000 * World.MS) / (1_000 * World.MS);
    assertThat((long) tries).isBetween(21L, 20 + 10 + seconds);
  }

  @Test
  void aLostMachineTakesNoBudget() {
    world = new World(new Dispatcher.Options(2_000, 30_000, 10, 20_000, 3, 0, 0, 0, 4), "random");
    world.node("a", 50, "m");
    List<FakeListener> listeners = IntStream.range(0, 50).mapToObj(i -> world.submit("m")).toList();
    world.node("b", 50, "m");
    world.take();
    world.gone("a");
    List<Sent> sent = world.take();
    assertThat(sent).filteredOn(s -> s.message() instanceof JobMessage.Submit).hasSize(50);
    assertThat(sent).filteredOn(s -> s.message() instanceof JobMessage.Cancel).hasSize(50);
    sent.stream().filter(s -> s.nodeId().equals("b")).forEach(s -> world.done(s, 0));
    assertThat(listeners).allSatisfy(l -> assertThat(l.told).containsExactly("started b", "done"));
  }

  @Test
  void whereNobodyElseIsLeftItWaitsALittle() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    world.failed(world.takeSubmit(), Failure.PROVIDER_ERROR);
    assertThat(world.take()).isEmpty();
    assertThat(world.dispatcher.running()).isEqualTo(1);
    world.pass(250);
    world.done(world.takeSubmit(), 0);
    assertThat(listener.told).containsExactly("started a", "done");
  }

  @Test
  void aCancelWhileItWaitsEndsIt() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    world.failed(world.takeSubmit(), Failure.PROVIDER_ERROR);
    listener.handle.cancel("gone");
    world.pass(3_000);
    assertThat(world.take()).isEmpty();
    assertThat(listener.told).isEmpty();
    assertThat(world.observed).last().isEqualTo("failed job1 a CANCELLED");
  }

  @Test
  void retryAfterIsHonoured() {
    world.node("a", 2, "m");
    FakeListener listener = world.submit("m");
    world.failed(world.takeSubmit(), Fault.of(Failure.PROVIDER_LIMITED, "slow", 3_000));
    assertThat(world.dispatcher.queued()).isEqualTo(1);
    FakeListener other = world.submit("m");
    keepAlive(2_750);
    assertThat(world.take()).isEmpty();
    keepAlive(500);
    List<Sent> sent = world.take();
    assertThat(sent).hasSize(2);
    sent.forEach(s -> world.done(s, 0));
    assertThat(listener.ends + other.ends).isEqualTo(2);
  }

  @Test
  void aRetryAfterBeyondTheQueuesPatienceIsTold() {
    world.node("a", 2, "m");
    FakeListener listener = world.submit("m");
    world.failed(world.takeSubmit(), Fault.of(Failure.PROVIDER_LIMITED, "slow", 60_000));
    assertThat(listener.fault).isEqualTo(Fault.of(Failure.PROVIDER_LIMITED, "slow", 60_000));
    FakeListener other = world.submit("m");
    assertThat(other.fault.failure()).isEqualTo(Failure.PROVIDER_LIMITED);
    assertThat(other.fault.retryAfterMs()).isEqualTo(60_000);
  }

  @Test
  void aNodeWithoutAPlaceCostsNoTry() {
    for (int i = 0; i < 6; i++) {
      world.node("n" + i, 1, "m");
    }
    FakeListener listener = world.submit("m");
    for (int i = 0; i < 5; i++) {
      world.failed(world.takeSubmit(), i % 2 == 0 ? Failure.NODE_BUSY : Failure.NODE_DRAINING);
    }
    world.done(world.takeSubmit(), 0);
    assertThat(listener.told).last().isEqualTo("done");
    for (int i = 0; i < 6; i++) {
      world.beat("n" + i, 0);
    }
  }

  @Test
  void itIsNotSentToAndFroForEver() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    int bounces = 0;
    for (int i = 0; i < 400 && listener.ends == 0; i++) {
      for (Sent sent : world.take()) {
        bounces++;
        world.failed(sent, Failure.NODE_BUSY);
      }
      world.beat("a", 0);
      world.pass(100);
    }
    assertThat(listener.told).containsExactly("failed NO_CAPACITY");
    assertThat(listener.fault.retryAfterMs()).isPositive();
    assertThat(bounces).isGreaterThan(1);
    world.beat("a", 0);
  }

  @Test
  void aBouncedJobKeepsItsPlaceInAFullQueue() {
    world = new World(World.options(1, 3, 4), "least-connections");
    world.node("a", 1, "m");
    FakeListener first = world.submit("m");
    Sent sent = world.takeSubmit();
    FakeListener second = world.submit("m");
    world.failed(sent, Failure.NODE_BUSY);
    assertThat(first.told).isEmpty();
    assertThat(world.dispatcher.queued()).isEqualTo(2);
    world.beat("a", 0);
    Sent again = world.takeSubmit();
    assertThat(again.submit().job().id()).isEqualTo(first.id);
    world.done(again, 0);
    world.done(world.takeSubmit(), 0);
    assertThat(second.told).last().isEqualTo("done");
  }

  // ---- nodes that go

  @Test
  void aJobThatHasBegunFailsWithItsNode() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    world.delta(world.takeSubmit(), 1);
    world.node("b", 1, "m");
    world.gone("a");
    assertThat(listener.told).last().isEqualTo("failed NODE_LOST begun");
    assertThat(world.take()).noneMatch(s -> s.message() instanceof JobMessage.Submit);
  }

  @Test
  void aJobOfALostNodeWaitsForAnother() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent lost = world.takeSubmit();
    world.gone("a");
    world.take();
    assertThat(world.dispatcher.queued()).isEqualTo(1);
    world.pass(5_000);
    world.register("a", "a2", 1, "m");
    Sent sent = world.takeSubmit();
    world.done(lost, 0);
    assertThat(listener.ends).isZero();
    world.done(sent, 0);
    assertThat(listener.told).containsExactly("started a", "done");
  }

  @Test
  void whoLosesAllNodesIsToldThatThereIsNoCapacity() {
    FakeListener listener = world.submit("m");
    for (int i = 0; i < 3; i++) {
      world.register("a", "a" + i, 1, "m");
      world.take();
      world.gone("a");
    }
    assertThat(listener.told).containsExactly("failed NO_CAPACITY");
    assertThat(listener.fault.retryAfterMs()).isPositive();
  }

  @Test
  void whatCannotBeDeliveredGoesElsewhereAtOnce() {
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    world.unreachable.add("a");
    FakeListener listener = world.submit("m");
    List<Sent> sent = world.take();
    assertThat(sent).extracting(Sent::nodeId).containsExactly("a", "b");
    assertThat(world.remote("a").state()).isEqualTo(NodeState.UNKNOWN);
    world.done(sent.get(1), 0);
    assertThat(listener.told).containsExactly("started b", "done");
  }

  @Test
  void undeliveredAfterTheFactChangesNothing() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.started(sent);
    sent.undelivered().run();
    assertThat(world.dispatcher.running()).isEqualTo(1);
    world.done(sent, 0);
    sent.undelivered().run();
    assertThat(listener.told).containsExactly("started a", "done");
  }

  @Test
  void undeliveredAfterARestartDoesNotTouchTheNewProcess() {
    world.node("a", 1, "m");
    world.submit("m");
    Sent old = world.takeSubmit();
    world.gone("a");
    world.register("a", "a2", 1, "m");
    Sent fresh = world.takeSubmit();
    old.undelivered().run();
    assertThat(world.active("a")).isEqualTo(1);
    world.done(fresh, 0);
  }

  @Test
  void aQueueFullOfUnreachableEndsWithoutGrowingTheStack() {
    world = new World(World.options(20_000, 3, 4), "least-connections");
    List<FakeListener> listeners =
        IntStream.range(0, 20_000).mapToObj(i -> world.submit("m")).toList();
    world.unreachable.add("a");
    world.node("a", 1, "m");
    for (int i = 0; i < 200 && world.dispatcher.queued() + world.dispatcher.running() > 0; i++) {
      world.pass(250);
      world.beat("a", 0);
    }
    assertThat(listeners).allSatisfy(l -> assertThat(l.ends).isEqualTo(1));
  }

  @Test
  void nothingIsSentToADrainingNode() {
    world.node("a", 5, "m");
    FakeListener running = world.submit("m");
    Sent sent = world.takeSubmit();
    world.registry.receive(new NodeMessage.Drain("a", "a1", "stopping"));
    FakeListener waiting = world.submit("m");
    assertThat(world.take()).isEmpty();
    world.done(sent, 0);
    assertThat(world.take()).isEmpty();
    world.registry.receive(new NodeMessage.Unregister("a", "a1", "done"));
    world.register("a", "a2", 5, "m");
    world.done(world.takeSubmit(), 0);
    assertThat(running.ends + waiting.ends).isEqualTo(2);
  }

  // ---- time

  @Test
  void aJobThatIsNotAcknowledgedIsElsewhere() {
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    FakeListener listener = world.submit("m");
    world.takeSubmit();
    world.pass(2_000);
    assertThat(world.take()).isEmpty();
    world.pass(250);
    List<Sent> sent = world.take();
    assertThat(sent.get(0).message()).isInstanceOf(JobMessage.Cancel.class);
    assertThat(sent.get(1).nodeId()).isEqualTo("b");
    world.done(sent.get(1), 0);
    assertThat(listener.told).containsExactly("started b", "done");
  }

  @Test
  void aSilentJobIsLost() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    world.pass(29_000);
    world.started(sent);
    world.pass(30_000);
    assertThat(listener.ends).isZero();
    world.pass(500);
    assertThat(listener.told).last().isEqualTo("failed NODE_LOST begun");
    assertThat(world.take()).last().extracting(Sent::message).isInstanceOf(JobMessage.Cancel.class);
  }

  @Test
  void theDeadlineEndsItWhereverItIs() {
    world.node("a", 1, "m");
    FakeListener running = world.submit("m");
    Sent sent = world.takeSubmit();
    for (int i = 0; i < 6; i++) {
      world.started(sent);
      world.pass(10_000);
    }
    world.pass(250);
    assertThat(running.told).containsExactly("failed DEADLINE");
    assertThat(world.take()).last().extracting(Sent::message).isInstanceOf(JobMessage.Cancel.class);
  }

  @Test
  void waitingHasAnEnd() {
    FakeListener listener = world.submit("m");
    world.pass(20_000);
    assertThat(listener.ends).isZero();
    world.pass(250);
    assertThat(listener.fault.failure()).isEqualTo(Failure.NO_CAPACITY);
    assertThat(listener.fault.retryAfterMs()).isPositive();
  }

  @Test
  void anOwnStallIsNobodysFault() {
    world.node("a", 5, "m");
    FakeListener fresh = world.submit("m");
    FakeListener old = world.submit("m");
    List<Sent> sent = world.take();
    world.started(sent.get(1));
    world.now += 45_000 * World.MS;
    world.dispatcher.sweep();
    world.pass(1_500);
    assertThat(world.take()).isEmpty();
    sent.forEach(s -> world.done(s, 0));
    assertThat(fresh.told).containsExactly("started a", "done");
    assertThat(old.told).containsExactly("started a", "done");
  }

  @Test
  void aStallDoesNotPutOffTheDeadline() {
    world.node("a", 5, "m");
    FakeListener listener = world.submit("m");
    world.now += 61_000 * World.MS;
    world.dispatcher.sweep();
    assertThat(listener.told).containsExactly("failed DEADLINE");
    world.take();
  }

  // ---- streams

  @Test
  void aGapBreaksTheStream() {
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    world.delta(sent, 3);
    assertThat(listener.told).last().isEqualTo("failed STREAM_BROKEN begun");
    assertThat(world.take()).singleElement().extracting(Sent::nodeId).isEqualTo("a");
  }

  @Test
  void aGapAtTheBeginningIsTriedElsewhere() {
    world.node("a", 1, "m");
    world.node("b", 1, "m");
    FakeListener listener = world.submit("m");
    world.delta(world.takeSubmit(), 2);
    assertThat(listener.told).isEmpty();
    world.done(world.takeSubmit(), 0);
    assertThat(listener.told).containsExactly("started b", "done");
  }

  @Test
  void anEndThatMissesPiecesIsNoEnd() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    world.done(sent, 2);
    assertThat(listener.told).last().isEqualTo("failed STREAM_BROKEN begun");
  }

  @Test
  void aPieceThatComesTwiceCountsOnce() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    world.delta(sent, 1);
    world.delta(sent, 2);
    world.done(sent, 2);
    assertThat(listener.told).containsExactly("started a", "delta 1", "delta 2", "done");
  }

  @Test
  void creditIsGrantedByHalves() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    listener.handle.grant(1);
    assertThat(world.take()).isEmpty();
    listener.handle.grant(2);
    assertThat(world.take())
        .singleElement()
        .extracting(Sent::message)
        .isEqualTo(new JobMessage.Credit("hub", World.ticket(sent), 3));
    world.done(sent, 1);
    listener.handle.grant(10);
    assertThat(world.take()).isEmpty();
  }

  @Test
  void aSmallCreditDoesNotStall() {
    for (int credit = 1; credit <= 5; credit++) {
      world = new World(World.options(10, 3, credit), "least-connections");
      world.node("a", 1, "m");
      FakeListener listener = world.submit("m");
      Sent sent = world.takeSubmit();
      int window = sent.submit().credit();
      for (int seq = 1; seq <= 50; seq++) {
        assertThat(window).as("credit %d, piece %d", credit, seq).isPositive();
        window--;
        world.delta(sent, seq);
        listener.handle.grant(1);
        for (Sent granted : world.take()) {
          window += ((JobMessage.Credit) granted.message()).frames();
        }
      }
      world.done(sent, 50);
    }
  }

  @Test
  void creditThatDidNotArriveIsToldAgain() {
    world.node("a", 1, "m");
    FakeListener listener = world.submit("m");
    Sent sent = world.takeSubmit();
    world.delta(sent, 1);
    listener.handle.grant(4);
    world.take().get(0).undelivered().run();
    world.started(sent);
    assertThat(world.take())
        .singleElement()
        .extracting(Sent::message)
        .isEqualTo(new JobMessage.Credit("hub", World.ticket(sent), 4));
    world.started(sent);
    assertThat(world.take()).isEmpty();
    world.done(sent, 1);
  }

  // ---- the queue

  @Test
  void whoFindsNoPlaceWaits() {
    world.node("a", 1, "m");
    FakeListener first = world.submit("m");
    Sent sent = world.takeSubmit();
    FakeListener second = world.submit("m");
    FakeListener urgent = world.submit("m", 9);
    assertThat(second.handle.queuePlace()).isEqualTo(2);
    assertThat(urgent.handle.queuePlace()).isEqualTo(1);
    assertThat(first.handle.queuePlace()).isZero();
    world.done(sent, 0);
    sent = world.takeSubmit();
    assertThat(sent.submit().job().id()).isEqualTo(urgent.id);
    world.done(sent, 0);
    world.done(world.takeSubmit(), 0);
    assertThat(second.told).last().isEqualTo("done");
  }

  @Test
  void theQueueIsBounded() {
    List<FakeListener> waiting = IntStream.range(0, 10).mapToObj(i -> world.submit("m")).toList();
    FakeListener tooMany = world.submit("m");
    assertThat(tooMany.fault.failure()).isEqualTo(Failure.QUEUE_FULL);
    assertThat(tooMany.fault.retryAfterMs()).isPositive();
    waiting.forEach(l -> l.handle.cancel("enough"));
    assertThat(waiting).allSatisfy(l -> assertThat(l.told).isEmpty());
  }

  @Test
  void aModelWithoutANodeDoesNotFillTheQueueForOthers() {
    List<FakeListener> dead = IntStream.range(0, 10).mapToObj(i -> world.submit("dead")).toList();
    world.node("a", 1, "m");
    FakeListener running = world.submit("m");
    FakeListener waiting = world.submit("m");
    assertThat(waiting.ends).isZero();
    assertThat(dead.get(9).fault.failure()).isEqualTo(Failure.QUEUE_FULL);
    assertThat(world.dispatcher.queued()).isEqualTo(10);
    world.done(world.takeSubmit(), 0);
    world.done(world.takeSubmit(), 0);
    assertThat(running.ends + waiting.ends).isEqualTo(2);
    dead.forEach(l -> l.handle.cancel("enough"));
  }

  @Test
  void aPlaceThatIsFreedGoesToWhoWaitedLongest() {
    world.node("a", 1, "m", "n");
    world.submit("m");
    FakeListener n = world.submit("n");
    world.pass(100);
    FakeListener m = world.submit("m");
    world.done(world.takeSubmit(), 0);
    Sent next = world.takeSubmit();
    assertThat(next.submit().job().id()).isEqualTo(n.id);
    world.done(next, 0);
    next = world.takeSubmit();
    assertThat(next.submit().job().id()).isEqualTo(m.id);
    world.done(next, 0);
  }

  // ---- callbacks that come back

  @Test
  void cancelledAsItBegins() {
    world.node("a", 1, "m");
    FakeListener stream = new FakeListener();
    stream.atStarted = () -> stream.handle.cancel("no more");
    world.submit("m", 5, stream);
    world.delta(world.takeSubmit(), 1);
    assertThat(stream.told).containsExactly("started a");
    assertThat(world.take()).last().extracting(Sent::message).isInstanceOf(JobMessage.Cancel.class);

    FakeListener whole = new FakeListener();
    whole.atStarted = () -> whole.handle.cancel("no more");
    world.submit("m", 5, whole);
    world.done(world.takeSubmit(), 0);
    assertThat(whole.told).containsExactly("started a");
    assertThat(world.observed).filteredOn(o -> o.contains("completed")).isEmpty();
    assertThat(world.observed).last().isEqualTo("failed job2 a CANCELLED");
  }

  @Test
  void cancelledByEachPieceAndAtTheEnd() {
    world.node("a", 1, "m");
    FakeListener listener = new FakeListener();
    listener.atDelta = () -> listener.handle.cancel("enough");
    world.submit("m", 5, listener);
    Sent sent = world.takeSubmit();
    world.frame(
        sent,
        new Frame.Delta(World.ticket(sent), 1, 1, World.bytes("x")),
        new Frame.Delta(World.ticket(sent), 2, 1, World.bytes("x")));
    assertThat(listener.told).containsExactly("started a", "delta 1");

    FakeListener ended = new FakeListener();
    ended.atEnd = () -> ended.handle.cancel("too late");
    world.submit("m", 5, ended);
    world.done(world.takeSubmit(), 0);
    assertThat(ended.ends).isEqualTo(1);
    assertThat(world.observed).last().isEqualTo("completed job2 a");
  }

  @Test
  void theEndOfOneMayEndAllOthers() {
    world.node("a", 5, "m");
    List<FakeListener> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      FakeListener listener = new FakeListener();
      listener.atEnd = () -> all.forEach(other -> other.handle.cancel("all or nothing"));
      world.submit("m", 5, listener);
      all.add(listener);
    }
    world.take().forEach(sent -> world.delta(sent, 1));
    world.gone("a");
    assertThat(all.stream().mapToInt(l -> l.ends).sum()).isEqualTo(1);
    world.take();
  }

  @Test
  void theExpiryOfOneMayEndTheNext() {
    List<FakeListener> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      FakeListener listener = new FakeListener();
      listener.atEnd = () -> all.forEach(other -> other.handle.cancel("all or nothing"));
      world.submit("m", 5, listener);
      all.add(listener);
    }
    world.pass(21_000);
    assertThat(all.stream().mapToInt(l -> l.ends).sum()).isEqualTo(1);
  }

  @Test
  void theExpiryOfOneMayMakeTheNextAPlace() {
    List<FakeListener> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      FakeListener listener = new FakeListener();
      world.submit("m", 5, listener);
      all.add(listener);
    }
    all.get(0).atEnd = () -> world.node("a", 1, "m");
    world.pass(20_250);
    Sent sent = world.takeSubmit();
    assertThat(sent.submit().job().id()).isEqualTo(all.get(1).id);
    world.done(sent, 0);
    world.take().forEach(s -> world.done(s, 0));
    assertThat(all).allSatisfy(l -> assertThat(l.ends).isEqualTo(1));
  }

  @Test
  void whoEndsMaySubmitAgain() {
    world.node("a", 1, "m");
    FakeListener next = new FakeListener();
    FakeListener first = new FakeListener();
    first.atEnd = () -> world.submit("m", 5, next);
    world.submit("m", 5, first);
    world.failed(world.takeSubmit(), Failure.BAD_REQUEST);
    world.done(world.takeSubmit(), 0);
    assertThat(next.told).containsExactly("started a", "done");
  }

  @Test
  void aListenerThatThrowsHarmsNobodyElse() {
    world.node("a", 3, "m");
    FakeListener atStart = new FakeListener();
    FakeListener atPiece = new FakeListener();
    FakeListener atEnd = new FakeListener();
    Runnable bug =
        () -> {
          throw new IllegalStateException("a bug");
        };
    atStart.atStarted = bug;
    atPiece.atDelta = bug;
    atEnd.atEnd = bug;
    for (FakeListener listener : List.of(atStart, atPiece, atEnd)) {
      world.submit("m", 5, listener);
    }
    FakeListener waiting = world.submit("m");
    List<Frame> frames = new ArrayList<>();
    List<Sent> sent = world.take();
    for (Sent s : sent) {
      frames.add(new Frame.Delta(World.ticket(s), 1, 1, World.bytes("x")));
      frames.add(new Frame.Done(World.ticket(s), 1, "stop", Usage.NONE, null));
    }
    world.frame(sent.get(0), frames.toArray(Frame[]::new));
    world.done(world.takeSubmit(), 0);
    assertThat(waiting.told).last().isEqualTo("done");
    assertThat(atEnd.told).containsExactly("started a", "delta 1", "done");
    assertThat(atPiece.told)
        .as("its client must not wait for ever")
        .containsExactly("started a", "delta 1", "failed INTERNAL begun");
  }

  @Test
  void whatANodeLeavesOutOfAFrameLeavesNobodyWaiting() {
    world.node("a", 2, "m");
    FakeListener failing = world.submit("m");
    Sent sent = world.takeSubmit();
    world.frame(sent, new Frame.Started(World.ticket(sent)));
    world.frame(sent, new Frame.Failed(World.ticket(sent), 0, null));
    world.pass(1_000);
    Sent second = world.takeSubmit();
    world.frame(second, new Frame.Failed(World.ticket(second), 0, new Fault(null, null, 0, null)));
    world.pass(1_000);
    Sent third = world.takeSubmit();
    world.frame(third, new Frame.Delta(World.ticket(third), 1, 1, null));
    world.frame(third, new Frame.Done(World.ticket(third), 1, null, null, null));
    assertThat(failing.told).containsExactly("started a", "delta 1", "done");
  }

  /** Time passes, and all nodes go on saying that they live. */
  private void keepAlive(long ms) {
    for (long i = 0; i < ms; i += 250) {
      world.pass(250);
      world.registry.all().forEach(node -> world.beat(node.id(), world.active(node.id())));
    }
  }
}
