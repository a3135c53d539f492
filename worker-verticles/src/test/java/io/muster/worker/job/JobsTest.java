package io.muster.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.muster.worker.ops.WorkerMetrics;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobsTest {
  /** A call as the provider sees it. */
  private static final class Call implements ProviderCall {
    final Answer answer;
    final List<String> told = new ArrayList<>();

    Call(Answer answer) {
      this.answer = answer;
    }

    @Override
    public void cancel() {
      told.add("cancel");
    }

    @Override
    public void pause() {
      told.add("pause");
    }

    @Override
    public void resume() {
      told.add("resume");
    }
  }

  private final FakeOutside outside = new FakeOutside();
  private final WorkerMetrics metrics =
      new WorkerMetrics(new SimpleMeterRegistry(), () -> outside.now);
  private final List<Call> calls = new ArrayList<>();
  private RuntimeException adapterBug;
  private byte[] atOnce;
  private final Jobs jobs =
      new Jobs(
          new Jobs.Options("node", 2, 100, 5_000, true),
          outside,
          this::call,
          job -> metrics.started(Job.Kind.CHAT, new ModelInfo("m", "demo", null, 0, 0)),
          () -> outside.now);

  @Test
  void aStreamGoesItsWay() {
    Call call = submit("hub", 7, 10);
    call.answer.events(bytes("data: 1\n\n"), 1);
    call.answer.events(bytes("data: 2\n\n"), 1);
    call.answer.done("stop", new Usage(1, 2, false), null);
    assertThat(outside.take())
        .usingRecursiveComparison()
        .isEqualTo(
            List.of(
                new Frame.Delta(7, 1, 1, bytes("data: 1\n\n")),
                new Frame.Delta(7, 2, 1, bytes("data: 2\n\n")),
                new Frame.Done(7, 2, "stop", new Usage(1, 2, false), null)));
    assertThat(jobs.stats().active()).isZero();
    assertThat(jobs.stats().completed()).isEqualTo(1);
    call.answer.events(bytes("late"), 1);
    call.answer.done("stop", Usage.NONE, null);
    call.answer.failed(Fault.of(Failure.INTERNAL, "late"));
    assertThat(outside.take()).isEmpty();
    assertThat(jobs.stats().completed()).isEqualTo(1);
  }

  @Test
  void ticketsOfHubsAreTheirOwn() {
    Call one = submit("one", 7, 10);
    Call two = submit("two", 7, 10);
    jobs.receive(new JobMessage.Cancel("two", 7, "gone"));
    assertThat(two.told).containsExactly("cancel");
    assertThat(one.told).isEmpty();
    one.answer.done("stop", Usage.NONE, bytes("{}"));
    outside.turn();
    assertThat(outside.addresses).containsExactly("muster.frames.one");
  }

  @Test
  void aCancelledJobIsNotHeardOfAgain() {
    Call call = submit("hub", 7, 10);
    jobs.receive(new JobMessage.Cancel("hub", 7, "gone"));
    jobs.receive(new JobMessage.Cancel("hub", 7, "gone"));
    jobs.receive(new JobMessage.Credit("hub", 7, 5));
    call.answer.events(bytes("late"), 1);
    call.answer.failed(Fault.of(Failure.CANCELLED, "cut"));
    outside.pass(10_000);
    jobs.sweep();
    assertThat(outside.take()).isEmpty();
    assertThat(call.told).containsExactly("cancel");
    assertThat(jobs.stats().cancelled()).isEqualTo(1);
    assertThat(jobs.stats().failed()).isZero();
  }

  @Test
  void moreThanFitIsRefused() {
    submit("hub", 1, 10);
    submit("hub", 2, 10);
    assertThat(trySubmit("hub", 3, 10)).isNull();
    assertThat(failures()).containsExactly(Failure.NODE_BUSY);
    calls.get(0).answer.failed(Fault.of(Failure.PROVIDER_ERROR, "x"));
    assertThat(failures()).containsExactly(Failure.PROVIDER_ERROR);
    assertThat(trySubmit("hub", 4, 10)).isNotNull();
  }

  @Test
  void anAdapterThatThrowsFailsTheJob() {
    adapterBug = new IllegalStateException("a bug");
    trySubmit("hub", 1, 10);
    assertThat(failures()).containsExactly(Failure.INTERNAL);
    assertThat(jobs.stats().active()).isZero();
  }

  @Test
  void silenceIsSpokenOf() {
    Call call = submit("hub", 7, 10);
    sweepFor(90);
    assertThat(outside.take()).isEmpty();
    sweepFor(10);
    assertThat(outside.take()).containsExactly(new Frame.Started(7));
    sweepFor(4_950);
    assertThat(outside.take()).isEmpty();
    call.answer.events(bytes("data: 1\n\n"), 1);
    sweepFor(4_950);
    assertThat(outside.take()).hasSize(1);
    sweepFor(100);
    assertThat(outside.take()).containsExactly(new Frame.Started(7));
    call.answer.done("stop", Usage.NONE, null);
    sweepFor(10_000);
    assertThat(outside.take()).hasSize(1);
  }

  @Test
  void aJobThatSpokeNeedsNoAcknowledgement() {
    submit("hub", 7, 10).answer.events(bytes("data: 1\n\n"), 1);
    sweepFor(500);
    assertThat(outside.take()).hasSize(1);
  }

  @Test
  void creditStopsAndStartsTheProvider() {
    for (int credit = 1; credit <= 3; credit++) {
      Call call = submit("hub", credit, credit);
      for (int i = 1; i < credit; i++) {
        call.answer.events(bytes("data: 1\n\n"), 1);
        assertThat(call.told).isEmpty();
      }
      call.answer.events(bytes("data: 1\n\n"), 1);
      assertThat(call.told).containsExactly("pause");
      call.answer.events(bytes("read already\n\n"), 1);
      jobs.receive(new JobMessage.Credit("hub", credit, 1));
      assertThat(call.told).containsExactly("pause");
      jobs.receive(new JobMessage.Credit("hub", credit, 1));
      assertThat(call.told).containsExactly("pause", "resume");
      jobs.receive(new JobMessage.Credit("hub", credit, 1));
      assertThat(call.told).containsExactly("pause", "resume");
      call.answer.done("stop", Usage.NONE, null);
    }
  }

  @Test
  void aProviderThatAnswersAtOnceIsPausedAllTheSame() {
    atOnce = bytes("data: 1\n\n");
    Call call = submit("hub", 1, 1);
    assertThat(call.told).containsExactly("pause");
    jobs.receive(new JobMessage.Credit("hub", 1, 1));
    assertThat(call.told).containsExactly("pause", "resume");
  }

  @Test
  void bigPiecesAreCutBetweenEvents() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      all.writeBytes(bytes("data: " + "x".repeat(3_000) + "\n\n"));
    }
    Call call = submit("hub", 7, 100);
    call.answer.events(all.toByteArray(), 100);
    List<Frame> frames = outside.take();
    assertThat(frames).hasSizeBetween(5, 12);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    int seq = 0;
    int count = 0;
    for (Frame frame : frames) {
      Frame.Delta delta = (Frame.Delta) frame;
      assertThat(delta.seq()).isEqualTo(++seq);
      assertThat(delta.events().length).isLessThanOrEqualTo(64 * 1024);
      assertThat(new String(delta.events(), StandardCharsets.UTF_8)).endsWith("\n\n");
      count += delta.count();
      sent.writeBytes(delta.events());
    }
    assertThat(sent.toByteArray()).isEqualTo(all.toByteArray());
    assertThat(count).isEqualTo(100);
  }

  @Test
  void oneBigEventIsNotCutAndNothingIsLost() {
    byte[] big = bytes("data: " + "x".repeat(200_000) + "\n\n");
    Call call = submit("hub", 7, 100);
    call.answer.events(big, 1);
    byte[] unended = bytes("data: 1\n\ndata: " + "x".repeat(200_000));
    call.answer.events(unended, 2);
    List<Frame> frames = outside.take();
    assertThat(((Frame.Delta) frames.get(0)).events()).isEqualTo(big);
    int length =
        frames.stream().skip(1).mapToInt(frame -> ((Frame.Delta) frame).events().length).sum();
    assertThat(length).isEqualTo(unended.length);
    assertThat(frames).extracting(frame -> ((Frame.Delta) frame).count()).allMatch(n -> n > 0);
  }

  @Test
  void aJobThatNobodyCancelledEndsSomeTimeAfterItsDeadline() {
    Call call = submit("hub", 7, 10);
    sweepFor(65_000);
    assertThat(call.told).isEmpty();
    sweepFor(100);
    assertThat(call.told).containsExactly("cancel");
    assertThat(jobs.stats().active()).isZero();
  }

  @Test
  void jobsOfAHubThatIsGoneEnd() {
    Call lost = submit("dead", 1, 10);
    Call other = submit("alive", 1, 10);
    outside.wire =
        () ->
            outside.addresses.get(outside.addresses.size() - 1).endsWith("dead")
                ? Future.failedFuture("nobody")
                : Future.succeededFuture();
    sweepFor(3_000);
    assertThat(lost.told).as("a break of the connection is no death").isEmpty();
    sweepFor(500);
    assertThat(lost.told).containsExactly("cancel");
    assertThat(other.told).isEmpty();
    // The same hub may come back: what it sends then is heard.
    outside.heal();
    outside.take();
    submit("dead", 2, 10).answer.done("stop", Usage.NONE, null);
    assertThat(outside.take()).hasSize(1);
  }

  @Test
  void drainingEndsWhenTheLastHubWasTold() {
    Call call = submit("hub", 1, 10);
    Future<Void> idle = jobs.drain();
    assertThat(jobs.isDraining()).isTrue();
    assertThat(trySubmit("hub", 2, 10)).isNull();
    assertThat(failures()).containsExactly(Failure.NODE_DRAINING);
    outside.fail();
    call.answer.done("stop", Usage.NONE, null);
    outside.pass(200);
    assertThat(idle.isComplete()).isFalse();
    outside.heal();
    outside.pass(200);
    assertThat(idle.succeeded()).isTrue();
    assertThat(jobs.drain()).isSameAs(idle);
  }

  @Test
  void whoIsIdleDrainsAtOnce() {
    Future<Void> idle = jobs.drain();
    outside.turn();
    assertThat(idle.succeeded()).isTrue();
  }

  private ProviderCall call(Job job, Answer answer) {
    if (adapterBug != null) {
      throw adapterBug;
    }
    Call call = new Call(answer);
    calls.add(call);
    if (atOnce != null) {
      answer.events(atOnce, 1);
    }
    return call;
  }

  private Call submit(String hub, long ticket, int credit) {
    Call call = trySubmit(hub, ticket, credit);
    assertThat(call).isNotNull();
    return call;
  }

  /** The call that it led to, null for none. */
  private Call trySubmit(String hub, long ticket, int credit) {
    Job job = new Job("j" + ticket, "r", Job.Kind.CHAT, "m", true, null, 5, 60_000, bytes("{}"));
    int before = calls.size();
    jobs.receive(new JobMessage.Submit(hub, ticket, credit, job));
    return calls.size() == before ? null : calls.get(before);
  }

  private List<Failure> failures() {
    return outside.take().stream().map(f -> ((Frame.Failed) f).fault().failure()).toList();
  }

  private void sweepFor(long ms) {
    for (long i = 0; i < ms; i += 10) {
      outside.pass(10);
      jobs.sweep();
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
