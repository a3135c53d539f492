package io.muster.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.node.HubMessage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayPeerTest {
  private static final HubMessage.Hello HELLO = new HubMessage.Hello("hub", "1");
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final FakeSocket socket = new FakeSocket();
  private final FakeSocket otherSocket = new FakeSocket();
  private final Heard heard = new Heard();
  private final Heard heardThere = new Heard();
  private final RelayPeer here = peer(socket, heard);
  private final RelayPeer there = peer(otherSocket, heardThere);

  /** Writes down what came; answers when told to. */
  private static final class Heard implements Inward {
    final List<String> log = new ArrayList<>();
    Promise<Record> answer = Promise.promise();

    @Override
    public void tell(String address, Record message) {
      log.add("tell " + address + " " + message);
    }

    @Override
    public void publish(String address, Record message) {
      log.add("publish " + address + " " + message);
    }

    @Override
    public Future<Record> ask(String address, Record question, Duration timeout) {
      log.add("ask " + address + " " + question + " " + timeout);
      return answer.future();
    }

    @Override
    public void unreadable(String why) {
      log.add("unreadable " + why);
    }
  }

  private static RelayPeer peer(FakeSocket socket, Heard heard) {
    return new RelayPeer(socket, heard, new RelayPeer.Limits(60_000, 200_000, 300_000, 2));
  }

  @Test
  void whatOneTurnBringsLeavesInOneFrame() {
    here.tell("a", Ack.OK);
    here.publish("b", HELLO);
    here.tell("c", Ack.OK);
    exchange();
    assertThat(socket.frames).isEmpty();
    assertThat(heardThere.log)
        .containsExactly("tell a Ack[]", "publish b " + HELLO, "tell c Ack[]");
    assertThat(frames).isEqualTo(1);
  }

  @Test
  void aQuestionGetsItsAnswer() {
    Future<Record> reply = here.ask("a", HELLO, SECOND);
    exchange();
    assertThat(heardThere.log).containsExactly("ask a " + HELLO + " PT1S");
    heardThere.answer.complete(Ack.OK);
    exchange();
    assertThat(reply.result()).isEqualTo(Ack.OK);
    assertThat(socket.openTimers()).isZero();
  }

  @Test
  void aQuestionGetsItsFault() {
    Future<Record> reply = here.ask("a", HELLO, SECOND);
    exchange();
    heardThere.answer.fail(new FaultException(Failure.CONFLICT, "late"));
    exchange();
    assertThat(fault(reply)).isEqualTo(Fault.of(Failure.CONFLICT, "late"));
  }

  @Test
  void aQuestionThatIsNotAnsweredEnds() {
    Future<Record> reply = here.ask("a", HELLO, SECOND);
    exchange();
    socket.pass(1000);
    assertThat(fault(reply).failure()).isEqualTo(Failure.UNREACHABLE);
    heardThere.answer.complete(Ack.OK);
    exchange(); // too late, and no harm
  }

  @Test
  void questionsAtOnceAreBounded() {
    List<Future<Record>> replies = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      replies.add(here.ask("a", HELLO, SECOND));
    }
    exchange();
    assertThat(fault(replies.get(2)).failure()).isEqualTo(Failure.RATE_LIMITED);
    heardThere.answer.complete(Ack.OK);
    exchange();
    assertThat(replies.get(0).result()).isEqualTo(Ack.OK);
    Future<Record> next = here.ask("a", HELLO, SECOND);
    exchange();
    assertThat(next.result()).isEqualTo(Ack.OK);
  }

  @Test
  void aBigMessageTakesSeveralFramesAndOthersFollow() {
    Record big = batch(150_000);
    here.tell("a", big);
    here.tell("b", Ack.OK);
    exchange();
    assertThat(frames).isEqualTo(3);
    assertThat(heardThere.log).hasSize(2).last().isEqualTo("tell b Ack[]");
  }

  @Test
  void whatTheOtherSideWouldNotTakeIsNotSent() {
    assertThat(fault(here.tell("a", batch(200_001))).failure()).isEqualTo(Failure.TOO_LARGE);
    Future<Record> reply = here.ask("a", HELLO, SECOND);
    exchange();
    heardThere.answer.complete(batch(200_001));
    exchange();
    assertThat(fault(reply).failure()).isEqualTo(Failure.TOO_LARGE);
  }

  @Test
  void aSlowSocketHoldsUpToTheLimit() {
    socket.full = true;
    Future<Void> first = here.tell("a", batch(150_000));
    Future<Void> second = here.tell("a", batch(140_000));
    Future<Void> third = here.tell("a", batch(140_000));
    socket.turn();
    assertThat(first.isComplete()).isFalse();
    assertThat(fault(third).failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(here.queuedBytes()).isBetween(290_000L, 300_000L);
    socket.drain();
    exchange();
    assertThat(first.succeeded()).isTrue();
    assertThat(second.succeeded()).isTrue();
    assertThat(here.queuedBytes()).isZero();
    assertThat(heardThere.log).hasSize(2);
  }

  @Test
  void aBrokenConnectionFailsWhatWaits() {
    socket.full = true;
    Future<Void> told = here.tell("a", Ack.OK);
    Future<Record> asked = here.ask("a", HELLO, SECOND);
    socket.turn();
    here.close();
    assertThat(fault(told).failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(fault(asked).failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(fault(here.tell("a", Ack.OK)).failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(fault(here.ask("a", HELLO, SECOND)).failure()).isEqualTo(Failure.UNREACHABLE);
    assertThat(socket.openTimers()).isZero();
  }

  private int frames;

  /** Carries all that was written from one side to the other, until there is nothing more. */
  private void exchange() {
    boolean more = true;
    while (more) {
      more = carry(socket, there) | carry(otherSocket, here);
    }
  }

  private boolean carry(FakeSocket from, RelayPeer to) {
    from.turn();
    List<Buffer> written = List.copyOf(from.frames);
    from.frames.clear();
    frames += written.size();
    written.forEach(to::receive);
    return !written.isEmpty();
  }

  private static Record batch(int bytes) {
    return new FrameBatch("n", List.of(new Frame.Delta(1, 1, 1, new byte[bytes])));
  }

  private static Fault fault(Future<?> failed) {
    assertThat(failed.failed()).isTrue();
    return Fault.from(failed.cause());
  }
}
