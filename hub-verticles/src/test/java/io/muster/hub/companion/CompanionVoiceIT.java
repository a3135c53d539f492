package io.muster.hub.companion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Fault;
import io.muster.hub.chat.ChatMessage;
import io.muster.hub.chat.OpenTurn;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobHandle;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.gateway.NodeSession;
import io.muster.hub.storage.TestDatabase;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.node.NodeInfo;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A companion that answers itself, from the turn over the bus to its frames and back. */
class CompanionVoiceIT {
  private static final OpenTurn TURN =
      new OpenTurn(
          "s1",
          List.of(
              new ChatMessage("system", "You are Yue."),
              new ChatMessage("user", "I am Ada."),
              new ChatMessage("assistant", "Hello, Ada."),
              new ChatMessage("user", "Who am I?")),
          1,
          2);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Bus bus = new Bus(vertx);
  private final CompanionSocket socket = new CompanionSocket(vertx, 300);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final List<JsonObject> asked = new CopyOnWriteArrayList<>();
  private volatile Consumer<JsonObject> companion = frame -> {};
  private volatile Runnable gone = () -> {};
  private NodeSession session;
  private int jobs;

  @BeforeEach
  void join() {
    session = session();
    TestDatabase.await(bus.open(Addresses.node("yue"), socket.inbox(session)));
  }

  @AfterEach
  void leave() {
    TestDatabase.await(vertx.close());
  }

  /** What a session is asked for here, and no more. */
  private NodeSession session() {
    NodeInfo info = SomeNodes.info("yue");
    return (NodeSession)
        Proxy.newProxyInstance(
            NodeSession.class.getClassLoader(),
            new Class<?>[] {NodeSession.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "info" -> info;
                  case "nodeId" -> "yue";
                  case "isFull" -> false;
                  case "send" -> {
                    asked.add((JsonObject) arguments[1]);
                    companion.accept((JsonObject) arguments[1]);
                    yield true;
                  }
                  case "whenGone" -> {
                    gone = (Runnable) arguments[0];
                    yield null;
                  }
                  case "hashCode" -> System.identityHashCode(proxy);
                  case "equals" -> proxy == arguments[0];
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  private void reply(JsonObject frame, String text) {
    socket
        .frames()
        .get("companion_reply")
        .accept(
            session,
            new JsonObject().put("requestId", frame.getString("requestId")).put("reply", text));
  }

  private void submit(boolean stream) {
    Job job =
        new Job(
            "job-" + ++jobs, "req-1", Job.Kind.CHAT, "m1", stream, null, 5, 10_000, new byte[0]);
    Dispatch model =
        (submitted, listener) -> {
          told.add("model");
          return new Handle();
        };
    vertx.runOnContext(
        v ->
            new CompanionVoice(bus, "yue", TURN, Duration.ofMillis(600), model)
                .submit(job, new Listener()));
  }

  @Test
  void letsTheCompanionAnswer() {
    companion = frame -> vertx.runOnContext(v -> reply(frame, "You are \"Ada\"."));
    submit(false);
    await().until(() -> told.size() == 2);
    assertThat(told.get(0)).isEqualTo("started yue");
    assertThat(told.get(1)).contains("You are \\\"Ada\\\".");
    assertThat(asked.get(0).encode())
        .isEqualTo(
            "{\"requestId\":\"job-1\",\"sessionId\":\"s1\",\"message\":\"Who am I?\",\"history\":["
                + "{\"role\":\"user\",\"content\":\"I am Ada.\"},"
                + "{\"role\":\"assistant\",\"content\":\"Hello, Ada.\"}]}");
    submit(true);
    await().until(() -> told.size() == 5);
    assertThat(told.get(3)).startsWith("data: {").contains("Ada");
    assertThat(told.get(4)).isEqualTo("done");
  }

  @Test
  void whoSendsTheSameRequestIdGetsNobodyElsesReply() {
    submit(false);
    submit(false);
    await().until(() -> asked.size() == 2);
    vertx.runOnContext(v -> reply(asked.get(0), "for the first"));
    vertx.runOnContext(v -> reply(asked.get(1), "for the second"));
    await().until(() -> told.size() == 4);
    assertThat(told.get(1)).contains("for the first");
    assertThat(told.get(3)).contains("for the second");
  }

  @Test
  void speaksForOneThatIsSilentOrSaysNothingOrLeaves() {
    submit(false);
    await().until(() -> told.equals(List.of("model")));
    // Late: nobody waits any more.
    vertx.runOnContext(v -> reply(asked.get(0), "late"));
    companion = frame -> vertx.runOnContext(v -> reply(frame, " "));
    submit(false);
    await().until(() -> told.equals(List.of("model", "model")));
    companion = frame -> vertx.runOnContext(v -> gone.run());
    submit(false);
    await().until(() -> told.equals(List.of("model", "model", "model")));
  }

  @Test
  void speaksForOneThatIsNotThere() {
    TestDatabase.await(vertx.close());
    Vertx other = Vertx.vertx();
    try {
      Bus empty = new Bus(other);
      other.runOnContext(
          v ->
              new CompanionVoice(
                      empty,
                      "yue",
                      TURN,
                      Duration.ofMillis(300),
                      (job, listener) -> {
                        told.add("model");
                        return new Handle();
                      })
                  .submit(
                      new Job("1", "r", Job.Kind.CHAT, "m", false, null, 5, 1_000, new byte[0]),
                      new Listener()));
      await().until(() -> told.equals(List.of("model")));
    } finally {
      TestDatabase.await(other.close());
    }
  }

  private final class Listener implements JobListener {
    @Override
    public void started(String nodeId) {
      told.add("started " + nodeId);
    }

    @Override
    public void delta(Frame.Delta delta) {
      told.add(new String(delta.events(), StandardCharsets.UTF_8));
    }

    @Override
    public void done(Frame.Done done) {
      told.add(done.body() == null ? "done" : new String(done.body(), StandardCharsets.UTF_8));
    }

    @Override
    public void failed(Fault fault, boolean begun) {
      told.add("failed");
    }
  }

  private static final class Handle implements JobHandle {
    @Override
    public void cancel(String reason) {}

    @Override
    public void grant(int frames) {}

    @Override
    public int queuePlace() {
      return 0;
    }
  }
}
