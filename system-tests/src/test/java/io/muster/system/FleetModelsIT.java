package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.Hub;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.Worker;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Workers without a model of their own, one of the cluster and one at a socket, call those of
 * another through the hub.
 */
class FleetModelsIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Path folder = Fleet.temporaryFolder();
  private final int clusterPort = FreePorts.stretch(6);
  private final Upstream modelServer = new Upstream();
  private final Map<String, Worker> workers = new HashMap<>();
  private Hub hub;
  private HubClient operator;

  @BeforeEach
  void start() throws Exception {
    hub =
        done(
            Hub.start(
                settings(
                    Role.HUB,
                    "hub",
                    // Fewer than an answer has pieces: without credit it would never end.
                    Map.of("ROOT_NODE_PORT", "0", "STREAM_CREDIT_FRAMES", "4"))));
    operator = new HubClient("http://127.0.0.1:" + hub.port());
    worker("serving", Map.of("OPENAI_BASE_URL", modelServer.url()));
    worker("near", Map.of("DEMO_MODEL", "off"));
    worker(
        "far",
        Map.of(
            "DEMO_MODEL",
            "off",
            "ROOT_NODE_URL",
            "ws://127.0.0.1:" + hub.port(),
            "NODE_LINK",
            "socket"));
  }

  @AfterEach
  void stop() throws Exception {
    for (Worker worker : workers.values()) {
      done(worker.stop());
    }
    if (hub != null) {
      done(hub.stop());
    }
    modelServer.close();
    Fleet.delete(folder);
  }

  @Test
  void answersInManyPiecesAndInOne() throws Exception {
    for (String id : List.of("near", "far")) {
      Heard stream = new Heard();
      call(id, job("paced", true), stream);
      stream.awaitEnd();
      assertThat(stream.text()).isEqualTo(Upstream.answerTo("hello"));
      assertThat(stream.finishReason).isEqualTo("stop");
      assertThat(stream.usage.completionTokens()).isEqualTo(Upstream.WORDS + 1);

      Heard whole = new Heard();
      call(id, job("paced", false), whole);
      whole.awaitEnd();
      assertThat(
              HubClient.parse(new String(whole.body, StandardCharsets.UTF_8))
                  .at("/choices/0/message/content")
                  .asText())
          .isEqualTo(Upstream.answerTo("hello"));
      assertThat(workers.get(id).fleetModels().running()).isZero();
    }
  }

  @Test
  void whoPausesGetsNoMoreThanIsUnderWay() throws Exception {
    Heard heard = new Heard();
    ProviderCall call = call("far", job("paced", true), heard);
    onLoop("far", call::pause);
    await().atMost(SOON).until(() -> heard.pieces.size() >= 4);
    // The model server goes on; the worker that asks it stops reading what nobody takes.
    await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> heard.pieces.size() < 15);
    onLoop("far", call::resume);
    heard.awaitEnd();
    assertThat(heard.text()).isEqualTo(Upstream.answerTo("hello"));
  }

  @Test
  void saysWhyItDoesNot() throws Exception {
    Heard unknown = new Heard();
    call("near", job("nobody-has-it", true), unknown);
    assertThat(unknown.awaitFault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
    Heard refused = new Heard();
    call("far", job("refusing", true), refused);
    assertThat(refused.awaitFault().message()).contains("temperature");
    assertThat(refused.fault.failure()).isEqualTo(Failure.BAD_REQUEST);
  }

  @Test
  void takesOfTheNodesQuotaAndGivesItBack() throws Exception {
    for (String id : List.of("near", "far")) {
      List<ProviderCall> open = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Heard heard = new Heard();
        open.add(call(id, job("endless", true), heard));
        await().atMost(SOON).until(() -> !heard.pieces.isEmpty());
      }
      Heard fourth = new Heard();
      call(id, job("endless", true), fourth);
      assertThat(fourth.awaitFault().failure()).isEqualTo(Failure.RATE_LIMITED);
      assertThat(fourth.fault.message()).contains("Stream quota exceeded: 3 of 3");

      // Who does not want it any more ends it upstream, and has its place again.
      int ended = modelServer.aborted.size();
      onLoop(id, open.get(0)::cancel);
      await().atMost(SOON).until(() -> modelServer.aborted.size() == ended + 1);
      Heard next = new Heard();
      open.set(0, call(id, job("endless", true), next));
      await().atMost(SOON).until(() -> !next.pieces.isEmpty());
      for (ProviderCall call : open) {
        onLoop(id, call::cancel);
      }
      await().atMost(SOON).until(() -> modelServer.aborted.size() == ended + 4);
    }
  }

  @Test
  void whatANodeThatGoesHasAskedEndsUpstream() throws Exception {
    for (String id : List.of("near", "far")) {
      Heard heard = new Heard();
      call(id, job("endless", true), heard);
      await().atMost(SOON).until(() -> !heard.pieces.isEmpty());
      int ended = modelServer.aborted.size();
      done(workers.remove(id).stop());
      await().atMost(SOON).until(() -> modelServer.aborted.size() == ended + 1);
    }
  }

  @Test
  void aHubThatGoesEndsTheCall() throws Exception {
    Heard near = new Heard();
    Heard far = new Heard();
    call("near", job("held", true), near);
    call("far", job("held", true), far);
    await().atMost(SOON).until(() -> modelServer.held() == 2);
    done(hub.stop());
    hub = null;
    for (Heard heard : List.of(near, far)) {
      assertThat(heard.awaitFault()).isNotNull();
    }
  }

  private ProviderCall call(String id, Job job, Heard heard) throws Exception {
    CompletableFuture<ProviderCall> called = new CompletableFuture<>();
    Worker worker = workers.get(id);
    onLoop(id, () -> called.complete(worker.fleetModels().call(job, heard)));
    return called.get(10, TimeUnit.SECONDS);
  }

  private void onLoop(String id, Runnable action) throws Exception {
    Promise<Void> ran = Promise.promise();
    workers
        .get(id)
        .fleetModels()
        .vertx()
        .runOnContext(
            v -> {
              action.run();
              ran.complete();
            });
    done(ran.future());
  }

  private static Job job(String model, boolean stream) {
    var body = HubClient.JSON.createObjectNode().put("model", model).put("stream", stream);
    body.putArray("messages").addObject().put("role", "user").put("content", "hello");
    return new Job(
        null,
        "request-1",
        Job.Kind.CHAT,
        model,
        stream,
        null,
        0,
        60_000,
        body.toString().getBytes(StandardCharsets.UTF_8));
  }

  private void worker(String id, Map<String, String> more) throws Exception {
    Map<String, String> env = new HashMap<>(more);
    env.put("WORKER_ID", id);
    env.put("WORKER_PORT", "0");
    env.put("OLLAMA_DETECT", "false");
    workers.put(
        id,
        done(
            Worker.start(
                settings(Role.WORKER, id, env),
                reason -> {
                  throw new AssertionError(reason);
                })));
    await().atMost(SOON).until(() -> operator.status(id), "online"::equals);
  }

  private Settings settings(Role role, String name, Map<String, String> more) {
    Map<String, String> env = new HashMap<>(more);
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", "6");
    env.put("CLUSTER_NAME", "fleet-models-" + clusterPort);
    env.put("DATA_DIR", folder.resolve(name).toString());
    return Settings.load(role, env, folder);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }

  /** What came back; written on the event loop, read by the test when it has ended. */
  private static final class Heard implements Answer {
    final List<String> pieces = new CopyOnWriteArrayList<>();
    private volatile boolean over;
    volatile String finishReason;
    volatile Usage usage;
    volatile byte[] body;
    volatile Fault fault;

    @Override
    public void events(byte[] events, int count) {
      pieces.add(new String(events, StandardCharsets.UTF_8));
    }

    @Override
    public void done(String reason, Usage used, byte[] whole) {
      finishReason = reason;
      usage = used;
      body = whole;
      over = true;
    }

    @Override
    public void failed(Fault why) {
      fault = why;
      over = true;
    }

    void awaitEnd() {
      await().atMost(SOON).until(() -> over);
      assertThat(fault).isNull();
    }

    Fault awaitFault() {
      await().atMost(SOON).until(() -> over);
      return fault;
    }

    String text() {
      return pieces.stream()
          .flatMap(String::lines)
          .filter(line -> line.startsWith("data: {"))
          .map(line -> HubClient.parse(line.substring(6)))
          .map(chunk -> chunk.at("/choices/0/delta/content").asText(""))
          .collect(Collectors.joining());
    }
  }
}
