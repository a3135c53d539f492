package io.muster.worker.llm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.llm.LlmMessage;
import io.muster.node.ModelInfo;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The worker's end of calls, against a hub that says what a test wants it to say. */
class FleetCallsIT {
  private static final String HUB = "hub-1";
  private static final List<ModelInfo> MODELS = List.of(new ModelInfo("m", "vllm", "x", 0, 4096));

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Bus bus = new Bus(vertx);
  private final AtomicLong nanos = new AtomicLong();
  private final FleetModels models = new FleetModels("n", () -> "i", bus, nanos::get);
  private final List<Object> toHub = new CopyOnWriteArrayList<>();
  private final List<LlmMessage.ModelCall> asked = new CopyOnWriteArrayList<>();
  private final Heard heard = new Heard();
  private Promise<LlmMessage.CallTaken> taken = Promise.promise();

  private static final class Heard implements Answer {
    final List<String> pieces = new CopyOnWriteArrayList<>();
    volatile String end;

    @Override
    public void events(byte[] events, int count) {
      pieces.add(new String(events, UTF_8));
    }

    @Override
    public void done(String finishReason, Usage usage, byte[] body) {
      end = finishReason;
    }

    @Override
    public void failed(Fault fault) {
      end = fault.failure().name();
    }
  }

  @BeforeEach
  void open() throws Exception {
    get(
        bus.open(
            Addresses.LLM,
            new Inbox()
                .serve(
                    LlmMessage.ModelCall.class,
                    call -> {
                      asked.add(call);
                      return taken.future();
                    })
                .serve(
                    LlmMessage.ListFleet.class,
                    question -> Future.succeededFuture(new LlmMessage.FleetList(MODELS, "m")))));
    get(bus.<LlmMessage>listen(Addresses.frames(HUB), toHub::add));
    get(bus.open(Addresses.node("n"), models.inbox()));
  }

  @AfterEach
  void close() throws Exception {
    get(vertx.close());
  }

  @Test
  void askWhatTheFleetHas() throws Exception {
    assertThat(get(models.list())).isEqualTo(new LlmMessage.FleetList(MODELS, "m"));
  }

  @Test
  void grantsWhatItHasPassedOnButNotWhilePaused() throws Exception {
    ProviderCall call = call();
    taken.complete(new LlmMessage.CallTaken(HUB));
    tell(delta(1, "a"));
    await().until(() -> toHub.contains(new LlmMessage.CallCredit("n", "i", 1, 1)));
    onLoop(
        () -> {
          call.pause();
          return null;
        });
    tell(delta(2, "b"), delta(3, "c"));
    await().until(() -> heard.pieces.size() == 3);
    assertThat(toHub).hasSize(1);
    onLoop(
        () -> {
          call.resume();
          return null;
        });
    await().until(() -> toHub.contains(new LlmMessage.CallCredit("n", "i", 1, 2)));
    tell(new Frame.Done(1, 3, "stop", Usage.NONE, null));
    await().until(() -> "stop".equals(heard.end));
    assertThat(models.running()).isZero();
  }

  @Test
  void aMissingPieceBreaksTheStream() throws Exception {
    call();
    taken.complete(new LlmMessage.CallTaken(HUB));
    tell(delta(1, "a"), delta(1, "a"), delta(3, "c"));
    await().until(() -> Failure.STREAM_BROKEN.name().equals(heard.end));
    assertThat(heard.pieces).containsExactly("a");
    await().until(() -> toHub.stream().anyMatch(LlmMessage.CallOff.class::isInstance));
  }

  @Test
  void anEndBeforeTheLastPieceIsNoEnd() throws Exception {
    call();
    tell(delta(1, "a"), new Frame.Done(1, 2, "stop", Usage.NONE, null));
    await().until(() -> Failure.STREAM_BROKEN.name().equals(heard.end));
  }

  @Test
  void whatIsGivenUpBeforeItIsTakenIsCalledOffThen() throws Exception {
    ProviderCall call = call();
    await().until(() -> asked.size() == 1);
    onLoop(
        () -> {
          call.cancel();
          return null;
        });
    assertThat(toHub).isEmpty();
    taken.complete(new LlmMessage.CallTaken(HUB));
    await().until(() -> toHub.stream().anyMatch(LlmMessage.CallOff.class::isInstance));
    // And when the answer to the question was lost, with the first piece.
    tell(delta(1, "late"));
    await().until(() -> toHub.size() == 2);
    assertThat(heard.end).isNull();
    assertThat(heard.pieces).isEmpty();
  }

  @Test
  void endsWithItsHubAndWithItsDeadline() throws Exception {
    call();
    taken.complete(new LlmMessage.CallTaken(HUB));
    tell(delta(1, "a"));
    await().until(() -> heard.pieces.size() == 1);
    onLoop(
        () -> {
          models.hubGone("another");
          return null;
        });
    assertThat(heard.end).isNull();
    onLoop(
        () -> {
          models.hubGone(HUB);
          return null;
        });
    assertThat(heard.end).isEqualTo("NODE_LOST");

    Heard late = new Heard();
    call(late);
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(6_001));
    onLoop(
        () -> {
          models.sweep();
          return null;
        });
    assertThat(late.end).isEqualTo("DEADLINE");
  }

  @Test
  void aHubThatFallsSilentIsGone() throws Exception {
    onLoop(
        () ->
            models.call(
                new Job(null, "r", Job.Kind.CHAT, "m", true, null, 0, 600_000, new byte[0]),
                heard));
    for (int i = 0; i < 4; i++) {
      nanos.addAndGet(TimeUnit.SECONDS.toNanos(15));
      tell(new Frame.Started(1), delta(i + 1, "a"));
      int pieces = i + 1;
      await().until(() -> heard.pieces.size() == pieces);
      sweep();
      assertThat(heard.end).isNull();
    }
    nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(20_001));
    sweep();
    assertThat(heard.end).isEqualTo("NODE_LOST");
  }

  private void sweep() throws Exception {
    onLoop(
        () -> {
          models.sweep();
          return null;
        });
  }

  @Test
  void aRefusalIsTheCallers() throws Exception {
    call();
    taken.fail(new FaultException(Failure.MODEL_NOT_FOUND, "there is none"));
    await().until(() -> "MODEL_NOT_FOUND".equals(heard.end));
  }

  private ProviderCall call() throws Exception {
    return call(heard);
  }

  private ProviderCall call(Heard answer) throws Exception {
    return onLoop(
        () ->
            models.call(
                new Job(null, "r", Job.Kind.CHAT, "m", true, null, 0, 1_000, new byte[0]), answer));
  }

  private void tell(Frame... frames) throws Exception {
    get(bus.tell(Addresses.node("n"), new LlmMessage.CallPieces(HUB, "i", List.of(frames))));
  }

  private static Frame delta(int seq, String text) {
    return new Frame.Delta(1, seq, 1, text.getBytes(UTF_8));
  }

  private <T> T onLoop(Supplier<T> action) throws Exception {
    Promise<T> done = Promise.promise();
    vertx.runOnContext(v -> done.complete(action.get()));
    return get(done.future());
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(10, TimeUnit.SECONDS);
  }
}
