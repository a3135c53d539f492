package io.muster.bench.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bench.load.Load;
import io.muster.bench.load.LoadRequest;
import io.muster.bench.load.LoadResult;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The load against the upstream, and against servers that answer wrong. */
@ExtendWith(VertxExtension.class)
class UpstreamIT {
  private Vertx vertx;
  private int port;

  @BeforeEach
  void start(Vertx vertx) throws Exception {
    this.vertx = vertx;
    UpstreamVerticle upstream = new UpstreamVerticle(0);
    vertx
        .deployVerticle(upstream)
        .toCompletionStage()
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS);
    port = upstream.port();
  }

  @Test
  void wholeAnswersAndStreamsArriveClean() {
    for (LoadRequest request : new LoadRequest[] {LoadRequest.INSTANT, LoadRequest.STREAM}) {
      LoadResult result = ask(port, request);

      assertThat(result.firstError()).isNull();
      assertThat(result.clean()).isEqualTo(4);
    }
  }

  @Test
  void pacedStreamsKeepThePace() {
    try (Load load = new Load(port, LoadRequest.PACED, Map.of(), 20)) {
      LoadResult result = load.spread(Duration.ofMillis(100));

      assertThat(result.firstError()).isNull();
      assertThat(result.clean()).isEqualTo(20);
      assertThat(result.latency().micros(0.5)).isBetween(1_240_000.0, 2_000_000.0);
    }
  }

  @Test
  void everyWrongAnswerIsAnError() throws Exception {
    int busy = serve(503, "{\"error\":\"busy\"}");
    int partial = serve(200, "data: #0 data: #1 data: [DONE]\n\n");

    assertThat(ask(busy, LoadRequest.INSTANT).errors()).containsOnlyKeys("status 503");
    LoadResult cut = ask(partial, LoadRequest.STREAM);
    assertThat(cut.clean()).isZero();
    assertThat(cut.firstError()).isEqualTo("unclean: 2 of 50 deltas");
  }

  private LoadResult ask(int target, LoadRequest request) {
    try (Load load = new Load(target, request, Map.of(), 4)) {
      return load.spread(Duration.ofMillis(10));
    }
  }

  private int serve(int status, String body) throws Exception {
    return vertx
        .createHttpServer()
        .requestHandler(request -> request.response().setStatusCode(status).end(body))
        .listen(0)
        .toCompletionStage()
        .toCompletableFuture()
        .get(5, TimeUnit.SECONDS)
        .actualPort();
  }
}
