package io.muster.hub.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.node.NodeState;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ExpectedWorkersIT {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Vertx vertx = Vertx.vertx();
  private final SomeNodes fleet = new SomeNodes();
  private final AtomicInteger asked = new AtomicInteger();
  private ExpectedWorkers expected;

  @AfterEach
  void close() throws Exception {
    get(expected.stop());
    get(vertx.close());
  }

  @Test
  void aWorkerThatAnswersButIsNotOnTheBusIsKnownByItsName() throws Exception {
    String url = server(healthy("worker-7"));
    expect(url);
    awaitReason("answers as worker-7, healthy");
    ExpectedWorker missing = expected.missing().get(0);
    assertThat(missing.id()).isEqualTo("worker-7");
    assertThat(missing.reachable()).isTrue();
    assertThat(missing.reason()).startsWith("named in WORKERS, not on the bus; it answers");
    assertThat(expected.absent()).isEqualTo(1);
  }

  @Test
  void aWorkerOnTheBusIsMatchedByTheIdThatItSays() throws Exception {
    fleet.with(SomeNodes.online("worker-7", "m"));
    expect(server(healthy("worker-7")));
    await().atMost(SOON).until(() -> expected.missing().isEmpty());
    assertThat(expected.absent()).isZero();
    assertThat(expected.names(fleet.nodes().get(0))).isTrue();
  }

  @Test
  void aWorkerOnTheBusIsMatchedByItsAddress() throws Exception {
    fleet.with(SomeNodes.online("a", "m"));
    expect("http://127.0.0.1:3001/");
    assertThat(expected.missing()).isEmpty();
  }

  @Test
  void aWorkerThatIsOfflineIsAbsentButNotListedTwice() throws Exception {
    fleet.with(
        SomeNodes.view(SomeNodes.info("a", "m"), NodeState.OFFLINE, new StateCause.MemberLeft()));
    expect("http://127.0.0.1:3001");
    assertThat(expected.missing()).isEmpty();
    assertThat(expected.absent()).isEqualTo(1);
  }

  @Test
  void nobodyThereIsToldAndSoIsWhenSomebodyComes() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    expect("http://127.0.0.1:" + port);
    awaitReason("does not answer: connection refused");
    assertThat(expected.missing().get(0).id()).isEqualTo("127.0.0.1:" + port);
    get(vertx.createHttpServer().requestHandler(healthy("late")).listen(port, "127.0.0.1"));
    awaitReason("answers as late, healthy");
  }

  @Test
  void anUnhealthyWorkerSaysSo() throws Exception {
    expect(
        server(
            request ->
                request
                    .response()
                    .setStatusCode(503)
                    .end(new JsonObject().put("id", "x").put("status", "unhealthy").encode())));
    awaitReason("answers as x, unhealthy");
  }

  @Test
  void somethingElseIsNoWorker() throws Exception {
    expect(server(request -> request.response().end("<html>hello</html>")));
    awaitReason("answers, but not as a worker does");
  }

  @Test
  void aRedirectIsNotFollowed() throws Exception {
    String elsewhere = server(healthy("elsewhere"));
    asked.set(0);
    expect(
        server(
            request ->
                request
                    .response()
                    .setStatusCode(302)
                    .putHeader("location", elsewhere + "/health")
                    .end()));
    awaitReason("answers with HTTP status 302");
    assertThat(expected.missing().get(0).nodeId()).isNull();
  }

  @Test
  void silenceEndsInTime() throws Exception {
    expect(server(request -> {}));
    awaitReason("does not answer in time");
  }

  @Test
  void anEndlessAnswerEnds() throws Exception {
    byte[] piece = new byte[8 * 1024];
    expect(
        server(
            request -> {
              request.response().setChunked(true);
              vertx.setPeriodic(
                  5,
                  timer -> {
                    if (request.response().closed()) {
                      vertx.cancelTimer(timer);
                    } else {
                      request.response().write(io.vertx.core.buffer.Buffer.buffer(piece));
                    }
                  });
            }));
    await()
        .atMost(SOON)
        .until(() -> expected.missing().get(0).finding().startsWith("does not answer"));
  }

  private Handler<HttpServerRequest> healthy(String id) {
    return request -> {
      asked.incrementAndGet();
      assertThat(request.path()).isEqualTo("/health");
      request.response().end(new JsonObject().put("id", id).put("status", "healthy").encode());
    };
  }

  private String server(Handler<HttpServerRequest> handler) throws Exception {
    HttpServer server =
        get(vertx.createHttpServer().requestHandler(handler).listen(0, "127.0.0.1"));
    return "http://127.0.0.1:" + server.actualPort();
  }

  private void expect(String url) throws Exception {
    expected =
        new ExpectedWorkers(vertx, List.of(url), Duration.ofMillis(300), fleet, Clock.systemUTC());
    expected.start();
  }

  private void awaitReason(String finding) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(expected.missing())
                    .extracting(ExpectedWorker::finding)
                    .containsExactly(finding));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
