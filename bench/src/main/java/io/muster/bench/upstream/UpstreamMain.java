package io.muster.bench.upstream;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The model server of the benchmark, the same one for every subject: an OpenAI-compatible server on
 * one event loop that answers at once or paces its deltas. Prints {@code port N} when it listens,
 * and ends when its standard input does, so that it never outlives the benchmark.
 */
public final class UpstreamMain {
  private UpstreamMain() {}

  /**
   * Starts the server.
   *
   * @param args the port to listen on (default 0: a free one)
   * @throws Exception if the port cannot be bound within 10 s
   */
  public static void main(String[] args) throws Exception {
    int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    UpstreamVerticle upstream = new UpstreamVerticle(port);
    vertx
        .deployVerticle(upstream)
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
    System.out.println("port " + upstream.port());
    endWithStandardInput();
  }

  private static void endWithStandardInput() throws IOException {
    while (System.in.read() >= 0) {
      continue;
    }
    System.exit(0);
  }
}
