package io.muster.hub.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.http.Admission;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.quota.Demand;
import io.muster.hub.quota.Hold;
import io.muster.hub.quota.Limits;
import io.muster.hub.quota.Principal;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.hub.quota.QuotaGate;
import io.muster.hub.quota.Refusal;
import io.muster.hub.quota.Standing;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LlmProxyTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochMilli(1_700_000_000_000L), ZoneOffset.UTC);
  private static final Standing STANDING = new Standing(60, 59, 0, 200_000, 100, 0);

  private static final class Submitted implements JobHandle {
    final Job job;
    final JobListener listener;
    int granted;
    String cancelled;

    Submitted(Job job, JobListener listener) {
      this.job = job;
      this.listener = listener;
    }

    @Override
    public void cancel(String reason) {
      cancelled = reason;
    }

    @Override
    public void grant(int frames) {
      granted += frames;
    }

    @Override
    public int queuePlace() {
      return 0;
    }

    void delta(String... contents) {
      StringBuilder events = new StringBuilder();
      for (String content : contents) {
        events
            .append("data: ")
            .append(
                new JsonObject()
                    .put(
                        "choices",
                        new JsonArray()
                            .add(
                                new JsonObject()
                                    .put("delta", new JsonObject().put("content", content)))))
            .append("\n\n");
      }
      listener.delta(
          new Frame.Delta(
              1, 1, contents.length, events.toString().getBytes(StandardCharsets.UTF_8)));
    }

    void done(String content, Usage usage) {
      byte[] body =
          content == null
              ? null
              : ("{\"choices\":[{\"message\":{\"content\":\"" + content + "\"}}]}")
                  .getBytes(StandardCharsets.UTF_8);
      listener.done(new Frame.Done(1, 1, "stop", usage, body));
    }
  }

  private static final class Held implements Hold {
    final Demand demand;
    Runnable whenLost;
    long settled = -1;

    Held(Demand demand) {
      this.demand = demand;
    }

    @Override
    public Standing standing() {
      return STANDING;
    }

    @Override
    public void settle(long tokens) {
      assertThat(settled).as("settled once").isEqualTo(-1);
      settled = tokens;
    }

    @Override
    public void whenLost(Runnable action) {
      whenLost = action;
    }
  }

  private final class Gate implements QuotaGate {
    Refusal refusal;

    @Override
    public Limits limits(Principal principal) {
      assertThat(principal).isEqualTo(Principal.node("worker-1"));
      return new Limits(30, 200_000, 3, 2);
    }

    @Override
    public Future<Hold> reserve(
        Principal principal, Limits limits, Demand demand, String requestId) {
      if (refusal != null) {
        return Future.failedFuture(new QuotaExceeded(refusal, STANDING));
      }
      Held hold = new Held(demand);
      holds.add(hold);
      return Future.succeededFuture(hold);
    }

    @Override
    public long answerTokens() {
      return 1_000;
    }
  }

  private static final class Models implements ModelCatalogue {
    @Override
    public List<ModelInfo> models() {
      return List.of(new ModelInfo("gpt-4o-mini", "openai", "openai", 1, 0));
    }

    @Override
    public Optional<String> defaultModel() {
      return Optional.of("gpt-4o-mini");
    }

    @Override
    public boolean knows(String model) {
      return model.equals("gpt-4o-mini");
    }

    @Override
    public int contextTokens(String model) {
      return 0;
    }
  }

  private record Event(String type, Map<String, Object> data) {}

  private final List<Submitted> jobs = new ArrayList<>();
  private final List<Held> holds = new ArrayList<>();
  private final List<Event> events = new ArrayList<>();
  private final Gate gate = new Gate();
  private final Admission admission = new Admission(List.of(), 100, 100, gate);
  private long nanos;
  private final LlmProxy proxy =
      new LlmProxy(
          new LlmProxy.Options(4, 15_000, 1_000, 60_000),
          admission,
          (job, listener) -> {
            jobs.add(new Submitted(job, listener));
            return jobs.get(jobs.size() - 1);
          },
          new Models(),
          (type, data) -> events.add(new Event(type, data)),
          () -> nanos,
          CLOCK);
  private final FakeSession session = new FakeSession("worker-1");

  private static JsonObject request(String id, boolean stream) {
    return new JsonObject(
        """
        {"requestId": "%s", "nodeId": "worker-1", "model": "gpt-4o-mini",
         "messages": [{"role": "user", "content": "Hello, you there"}],
         "options": {"stream": %s, "temperature": 0.7, "maxTokens": 50, "seed": 3}}"""
            .formatted(id, stream));
  }

  private void frame(String type, JsonObject data) {
    proxy.frames().get(type).accept(session, data);
  }

  private Submitted ask(boolean stream) {
    frame("llm_request", request("req-123", stream));
    return jobs.get(jobs.size() - 1);
  }

  private List<String> told() {
    return events.stream().map(Event::type).toList();
  }

  @Test
  void answersAtOnceWhereNoStreamWasAskedFor() {
    Submitted job = ask(false);
    assertThat(job.job.stream()).isFalse();
    assertThat(job.job.model()).isEqualTo("gpt-4o-mini");
    assertThat(new JsonObject(Buffer.buffer(job.job.body())))
        .isEqualTo(
            new JsonObject(
                """
                {"model": "gpt-4o-mini", "stream": false,
                 "messages": [{"role": "user", "content": "Hello, you there"}],
                 "temperature": 0.7, "max_tokens": 50, "seed": 3}"""));
    assertThat(holds.get(0).demand.tokens()).isEqualTo(50 + 4 + 5);

    job.listener.started("w");
    job.done("Hi", new Usage(9, 2, false));

    assertThat(session.sent)
        .containsExactly(
            new FakeSession.Sent(
                "llm_response",
                new JsonObject(
                    """
                    {"requestId": "req-123", "nodeId": "worker-1", "success": true, "content": "Hi",
                     "usage": {"promptTokens": 9, "completionTokens": 2, "totalTokens": 11},
                     "finishReason": "stop"}""")));
    assertThat(holds.get(0).settled).isEqualTo(11);
    assertThat(proxy.running()).isZero();
    assertThat(admission.inFlight()).isZero();
    assertThat(told()).containsExactly("llm_proxy_started", "llm_proxy_completed");
  }

  @Test
  void streamsPiecesThenUsageThenTheWholeAnswer() {
    Submitted job = ask(true);
    job.listener.started("w");
    job.delta("A", "B");
    job.delta("C");
    job.done(null, new Usage(9, 3, false));

    assertThat(session.sent).hasSize(5);
    assertThat(session.sent.get(0))
        .isEqualTo(
            new FakeSession.Sent(
                "llm_response_stream",
                new JsonObject(
                        """
                    {"requestId": "req-123", "nodeId": "worker-1", "chunk": "A",
                     "delta": {"role": "assistant", "content": "A"}, "done": false}""")
                    .put("timestamp", 1_700_000_000_000L)));
    assertThat(session.sent.get(3).data())
        .isEqualTo(
            new JsonObject(
                    """
                {"requestId": "req-123", "nodeId": "worker-1", "chunk": "", "done": true,
                 "usage": {"promptTokens": 9, "completionTokens": 3, "totalTokens": 12}}""")
                .put("timestamp", 1_700_000_000_000L));
    assertThat(session.last().type()).isEqualTo("llm_response");
    assertThat(session.last().data().getString("content")).isEqualTo("ABC");
    assertThat(job.granted).isEqualTo(2);
    assertThat(holds.get(0).settled).isEqualTo(12);
    // One event of the pieces in a second, however many there are.
    assertThat(told())
        .containsExactly(
            "llm_proxy_started",
            "llm_proxy_stream_chunk",
            "llm_proxy_stream_completed",
            "llm_proxy_completed");
    assertThat(events.get(2).data()).containsEntry("chunks", 3L).doesNotContainValue("ABC");
  }

  @Test
  void grantsMoreOnlyAsTheNodeTakesIt() {
    Submitted job = ask(true);
    session.fill();
    job.delta("A");
    job.delta("B");
    assertThat(job.granted).isZero();
    session.drain();
    assertThat(job.granted).isEqualTo(2);
    job.delta("C");
    assertThat(job.granted).isEqualTo(3);
  }

  @Test
  void keepsASilentStreamAlive() {
    ask(true);
    nanos += 14_999_000_000L;
    proxy.sweep();
    assertThat(session.sent).isEmpty();
    nanos += 1_000_000L;
    proxy.sweep();
    proxy.sweep();
    assertThat(session.sent).hasSize(1);
    assertThat(session.last().data().getString("chunk")).isEmpty();
    assertThat(session.last().data().getBoolean("done")).isFalse();
  }

  @Test
  void saysWhichQuotaIsExceeded() {
    gate.refusal = new Refusal(Refusal.What.TOKENS, 200_000, 199_000, 11_000, 1, 3_600_000);
    frame("llm_request", request("req-123", true));
    assertThat(jobs).isEmpty();
    JsonObject said = session.last().data();
    assertThat(session.last().type()).isEqualTo("llm_response");
    assertThat(said.getBoolean("success")).isFalse();
    assertThat(said.getJsonObject("error").getString("code")).isEqualTo("quota_exceeded");
    assertThat(said.getJsonObject("error").getString("message"))
        .startsWith("Daily token quota exceeded");
    assertThat(said.getJsonObject("error").getJsonObject("details").getMap())
        .containsEntry("what", "maxTokensPerDay")
        .containsEntry("limit", 200_000L)
        .containsEntry("used", 199_000L)
        .containsEntry("retryAfterMs", 3_600_000L);
    assertThat(admission.inFlight()).isZero();
    assertThat(proxy.running()).isZero();
    assertThat(told()).isEmpty();
  }

  @Test
  void endsUpstreamWhatANodeLeavesBehind() {
    Submitted job = ask(true);
    job.listener.started("w");
    job.delta("A", "B");
    session.close();
    assertThat(job.cancelled).isEqualTo("the node went away");
    // The prompt, and what was sent of the answer.
    assertThat(holds.get(0).settled).isEqualTo(9 + 2);
    assertThat(proxy.running()).isZero();
    assertThat(admission.streams()).isZero();
    assertThat(told()).endsWith("llm_proxy_failed");
  }

  @Test
  void cancelsWhatTheNodeNoLongerWants() {
    Submitted job = ask(true);
    frame("llm_cancel", new JsonObject().put("requestId", "req-123"));
    assertThat(job.cancelled).isEqualTo("The node cancelled it.");
    assertThat(session.last().data().getJsonObject("error").getString("code"))
        .isEqualTo("cancelled");
    assertThat(holds.get(0).settled).isZero();
    int before = session.sent.size();
    frame("llm_cancel", new JsonObject().put("requestId", "req-123"));
    assertThat(session.sent).hasSize(before);
  }

  @Test
  void refusesAnIdThatIsUnderWay() {
    ask(true);
    assertThatThrownBy(() -> ask(true)).hasMessageContaining("'requestId' is 'req-123'");
    assertThat(jobs).hasSize(1);
    assertThat(session.sent).isEmpty();
  }

  @Test
  void boundsWhatOneNodeRunsAtOnce() {
    for (int i = 0; i < 4; i++) {
      frame("llm_request", request("r" + i, false));
    }
    frame("llm_request", request("r4", false));
    assertThat(jobs).hasSize(4);
    assertThat(session.last().data().getJsonObject("error").getString("code"))
        .isEqualTo("rate_limited");
  }

  @Test
  void saysWhatIsWrongWithARequest() {
    assertError(request("r", false).put("model", "m9"), "model_not_found", "m9");
    assertError(
        request("r", false).put("messages", new JsonArray()), "invalid_request", "messages");
    assertError(
        request("r", false).put("messages", new JsonArray().add(3)),
        "invalid_request",
        "messages[0]");
    assertError(
        request("r", false).put("options", new JsonObject().put("stream", "yes")),
        "invalid_request",
        "options.stream");
    assertError(request("r", false).put("options", 3), "invalid_request", "options");
    assertThatThrownBy(() -> frame("llm_request", request("r", false).put("nodeId", "worker-2")))
        .hasMessageContaining("worker-2");
    assertThatThrownBy(() -> frame("llm_request", request("r\\u0000", false)))
        .hasMessageContaining("requestId");
    assertThat(jobs).isEmpty();
  }

  private void assertError(JsonObject request, String code, String named) {
    frame("llm_request", request);
    JsonObject error = session.last().data().getJsonObject("error");
    assertThat(error.getString("code")).isEqualTo(code);
    assertThat(error.getString("message")).contains(named);
  }

  @Test
  void passesOnWhatFailed() {
    Submitted job = ask(true);
    job.listener.failed(Fault.of(Failure.QUEUE_FULL, "full", 700), false);
    assertThat(session.last().data().getJsonObject("error"))
        .isEqualTo(
            new JsonObject(
                    """
                {"code": "queue_full", "message": "full", "details": {"retryAfterMs": 700}}""")
                // As it is on the Java side.
                .put("details", new JsonObject().put("retryAfterMs", 700L)));
    assertThat(holds.get(0).settled).isZero();
    assertThat(admission.inFlight()).isZero();
  }

  @Test
  void endsWhatIsNoLongerReserved() {
    Submitted job = ask(true);
    holds.get(0).whenLost.run();
    assertThat(job.cancelled).contains("database");
    assertThat(session.last().data().getJsonObject("error").getString("code"))
        .isEqualTo("unreachable");
  }
}
