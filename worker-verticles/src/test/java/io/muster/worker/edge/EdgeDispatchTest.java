package io.muster.worker.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobMessage;
import io.muster.job.Usage;
import io.muster.llm.LlmMessage;
import io.muster.node.ModelInfo;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EdgeDispatchTest {
  private static final long SECOND = 1_000_000_000L;

  private final Own own = new Own();
  private final List<FleetCall> calls = new ArrayList<>();
  private boolean hubIsThere = true;
  private List<ModelInfo> fleetHas = List.of();
  private String fleetsDefault;
  private long now;
  private final OwnJobs jobs = new OwnJobs("near-n", own, () -> now);
  private final EdgeDispatch edge =
      new EdgeDispatch(
          "n",
          jobs,
          own,
          FleetCall::new,
          new FleetList(
              () -> Future.succeededFuture(new LlmMessage.FleetList(fleetHas, fleetsDefault)),
              () -> hubIsThere,
              () -> now),
          () -> hubIsThere,
          () -> now);

  private final Heard heard = new Heard();

  @Test
  void itsOwnModelIsAnsweredByItself() {
    edge.submit(job("mine"), heard);

    JobMessage.Submit given = (JobMessage.Submit) own.given.get(0);
    assertThat(given.hubId()).isEqualTo("near-n");
    assertThat(given.job().model()).isEqualTo("mine");
    say(new Frame.Started(given.ticket()), delta(given.ticket(), 1), delta(given.ticket(), 2));
    say(new Frame.Done(given.ticket(), 2, "stop", Usage.NONE, null));

    assertThat(heard.said).containsExactly("started n", "delta 1", "delta 2", "done stop");
    assertThat(calls).isEmpty();
    assertThat(edge.fromOwn()).isEqualTo(1);
    assertThat(edge.running()).isZero();
    assertThat(jobs.running()).isZero();
  }

  @Test
  void aModelMayBeNamedWithItsProvider() {
    edge.submit(job("demo/mine"), heard);
    assertThat(own.given).hasSize(1);
    assertThat(edge.contextTokens("demo/mine")).isEqualTo(100);
  }

  @Test
  void whatItDoesNotServeTheFleetIsAskedFor() {
    edge.submit(job("other"), heard);

    assertThat(own.given).isEmpty();
    calls.get(0).answer.events(new byte[] {1}, 1);
    calls.get(0).answer.done("stop", Usage.NONE, null);
    assertThat(heard.said).containsExactly("started fleet", "delta 1", "done stop");
    assertThat(edge.fromFleet()).isEqualTo(1);
  }

  @Test
  void withoutAHubThatIsSaidAtOnce() {
    hubIsThere = false;
    edge.submit(job("other"), heard);
    assertThat(heard.said).containsExactly("failed NO_CAPACITY");
    assertThat(heard.fault.retryAfterMs()).isPositive();
    assertThat(edge.running()).isZero();
  }

  @Test
  void aFailureBeforeTheFirstPieceGoesToTheFleetForTheTimeThatIsLeft() {
    edge.submit(job("mine"), heard);
    now += 4 * SECOND;
    fail(Failure.NODE_BUSY);

    assertThat(heard.said).isEmpty();
    assertThat(calls.get(0).job.timeoutMs()).isEqualTo(6_000);
    calls.get(0).answer.done("stop", Usage.NONE, new byte[] {1});
    assertThat(heard.said).containsExactly("started fleet", "done stop");
  }

  @Test
  void whereNoTimeIsLeftTheFleetIsNotAsked() {
    edge.submit(job("mine"), heard);
    now += 10 * SECOND;
    fail(Failure.PROVIDER_TIMEOUT);
    assertThat(calls).isEmpty();
    assertThat(heard.said).containsExactly("failed PROVIDER_TIMEOUT");
  }

  @Test
  void aFailureOfTheClientsMakingIsNotTriedElsewhere() {
    edge.submit(job("mine"), heard);
    fail(Failure.BAD_REQUEST);
    assertThat(calls).isEmpty();
    assertThat(heard.said).containsExactly("failed BAD_REQUEST");
  }

  @Test
  void aStreamThatHasBegunIsNotBegunAgain() {
    edge.submit(job("mine"), heard);
    say(delta(1, 1));
    fail(Failure.PROVIDER_ERROR);
    assertThat(calls).isEmpty();
    assertThat(heard.said).containsExactly("started n", "delta 1", "failed PROVIDER_ERROR begun");
  }

  @Test
  void aHubThatGoesInTheMiddleEndsTheStreamOnce() {
    edge.submit(job("other"), heard);
    FleetCall call = calls.get(0);
    call.answer.events(new byte[] {1}, 1);
    call.answer.failed(Fault.of(Failure.NODE_LOST, "the hub is gone"));
    call.answer.failed(Fault.of(Failure.NODE_LOST, "again"));
    call.answer.events(new byte[] {2}, 1);
    assertThat(heard.said).containsExactly("started fleet", "delta 1", "failed NODE_LOST begun");
    assertThat(edge.running()).isZero();
  }

  @Test
  void aClientThatGoesEndsTheJobWhereverItIs() {
    JobHandle mine = edge.submit(job("mine"), heard);
    mine.cancel("gone");
    mine.cancel("gone");
    assertThat(own.given.get(1)).isEqualTo(new JobMessage.Cancel("near-n", 1, "gone"));
    assertThat(own.given).hasSize(2);
    say(delta(1, 1));

    edge.submit(job("other"), heard).cancel("gone");
    assertThat(calls.get(0).cancelled).isEqualTo(1);
    assertThat(heard.said).isEmpty();
    assertThat(edge.running()).isZero();
  }

  @Test
  void theClientsPaceIsTheProvidersAndTheFleets() {
    edge.submit(job("mine"), heard).grant(3);
    assertThat(own.given.get(1)).isEqualTo(new JobMessage.Credit("near-n", 1, 3));

    JobHandle other = edge.submit(job("other"), heard);
    FleetCall call = calls.get(0);
    for (int i = 0; i < 64; i++) {
      call.answer.events(new byte[] {1}, 1);
    }
    assertThat(call.paused).isTrue();
    other.grant(31);
    assertThat(call.paused).isTrue();
    other.grant(1);
    assertThat(call.paused).isFalse();
  }

  @Test
  void whatItsJobsDoNotEndThemselvesEndsWithTheirTime() {
    edge.submit(job("mine"), heard);
    now += 14 * SECOND;
    edge.sweep();
    assertThat(heard.said).isEmpty();
    now += 2 * SECOND;
    edge.sweep();
    assertThat(heard.said).containsExactly("failed DEADLINE");
    assertThat(own.given.get(1)).isInstanceOf(JobMessage.Cancel.class);
  }

  @Test
  void listsItsOwnModelsFirstThenWhatTheFleetHas() {
    fleetHas = List.of(model("a", "vllm", 8), model("mine", "openai", 9));
    fleetsDefault = "a";
    assertThat(edge.models()).extracting(ModelInfo::id).containsExactly("mine");

    edge.sweep();
    assertThat(edge.models()).containsExactly(own.models.get(0), fleetHas.get(0));
    assertThat(edge.contextTokens("a")).isEqualTo(8);
    assertThat(edge.defaultModel()).contains("mine");
    own.models = List.of();
    assertThat(edge.defaultModel()).contains("a");

    fleetHas = List.of();
    now += 9 * SECOND;
    edge.sweep();
    assertThat(edge.models()).as("asked not so long ago").hasSize(2);
    now += 2 * SECOND;
    edge.sweep();
    assertThat(edge.models()).isEmpty();
  }

  @Test
  void withoutAHubTheFleetHasNothing() {
    fleetHas = List.of(model("a", "vllm", 8));
    edge.sweep();
    hubIsThere = false;
    edge.sweep();
    assertThat(edge.models()).extracting(ModelInfo::id).containsExactly("mine");

    hubIsThere = true;
    edge.sweep();
    assertThat(edge.models()).as("asked at once").hasSize(2);
  }

  private static Job job(String model) {
    return new Job("j", "r", Job.Kind.CHAT, model, true, null, 5, 10_000, new byte[0]);
  }

  private static ModelInfo model(String id, String provider, int context) {
    return new ModelInfo(id, provider, "x", 0, context);
  }

  private static Frame.Delta delta(long ticket, int seq) {
    return new Frame.Delta(ticket, seq, 1, new byte[] {1});
  }

  private void say(Frame... frames) {
    edge.receive(new FrameBatch("n", List.of(frames)));
  }

  private void fail(Failure failure) {
    say(new Frame.Failed(1, 0, Fault.of(failure, "so")));
  }

  /** What the worker is given. */
  private static final class Own implements OwnModels {
    private final List<JobMessage> given = new ArrayList<>();
    private List<ModelInfo> models = List.of(model("mine", "demo", 100));

    @Override
    public List<ModelInfo> models() {
      return models;
    }

    @Override
    public void hear(String hubId, Consumer<FrameBatch> frames) {}

    @Override
    public void give(JobMessage message) {
      given.add(message);
    }
  }

  /** A call through a hub. */
  private final class FleetCall implements ProviderCall {
    private final Job job;
    private final Answer answer;
    private int cancelled;
    private boolean paused;

    FleetCall(Job job, Answer answer) {
      this.job = job;
      this.answer = answer;
      calls.add(this);
    }

    @Override
    public void cancel() {
      cancelled++;
    }

    @Override
    public void pause() {
      paused = true;
    }

    @Override
    public void resume() {
      paused = false;
    }
  }

  /** What the client's side is told. */
  private static final class Heard implements JobListener {
    private final List<String> said = new ArrayList<>();
    private Fault fault;

    @Override
    public void started(String nodeId) {
      said.add("started " + nodeId);
    }

    @Override
    public void delta(Frame.Delta delta) {
      said.add("delta " + delta.seq());
    }

    @Override
    public void done(Frame.Done done) {
      said.add("done " + done.finishReason());
    }

    @Override
    public void failed(Fault why, boolean begun) {
      fault = why;
      said.add("failed " + why.failure() + (begun ? " begun" : ""));
    }
  }
}
