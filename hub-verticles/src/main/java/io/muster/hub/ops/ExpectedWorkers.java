package io.muster.hub.ops;

import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers that the setting WORKERS names. Each is asked for its {@code /health} now and then:
 * by the node id in its answer, or else by its address, it is known among those on the bus; the
 * others are shown as missing, with a reason.
 */
public final class ExpectedWorkers {
  private static final Logger log = LoggerFactory.getLogger(ExpectedWorkers.class);
  private static final int MAX_ANSWER_BYTES = 64 * 1024;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final FleetView fleet;
  private final Clock clock;
  private final Duration interval;
  private final Duration timeout;
  private final Map<String, ExpectedWorker> workers = new LinkedHashMap<>();
  private HttpClient client;
  private long timer;

  /**
   * @param urls of the workers' HTTP interfaces, {@code http://host:port}
   * @param interval between two looks at one worker
   */
  public ExpectedWorkers(
      Vertx vertx, List<String> urls, Duration interval, FleetView fleet, Clock clock) {
    this.vertx = vertx;
    this.fleet = fleet;
    this.clock = clock;
    this.interval = interval;
    this.timeout = interval.compareTo(LONGEST_WAIT) < 0 ? interval : LONGEST_WAIT;
    for (String url : urls) {
      String known = Endpoint.normal(url);
      workers.put(known, ExpectedWorker.notAsked(known, clock.millis()));
    }
  }

  /** Looks at all at once, and from then on at every interval. */
  public void start() {
    if (workers.isEmpty()) {
      return;
    }
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout((int) timeout.toMillis())
            .setMaxHeaderSize(16 * 1024)
            .setKeepAlive(false)
            .setTcpNoDelay(true);
    client =
        vertx.createHttpClient(
            options, new PoolOptions().setHttp1MaxSize(2).setMaxWaitQueueSize(4));
    askAll();
    timer = vertx.setPeriodic(interval.toMillis(), t -> askAll());
  }

  /** Looks no more. */
  public Future<Void> stop() {
    if (client == null) {
      return Future.succeededFuture();
    }
    vertx.cancelTimer(timer);
    return client.close();
  }

  /** Those that the fleet knows nothing of. */
  public List<ExpectedWorker> missing() {
    List<ExpectedWorker> missing = new ArrayList<>();
    for (ExpectedWorker worker : workers.values()) {
      if (nodeOf(worker) == null) {
        missing.add(worker);
      }
    }
    return missing;
  }

  /** How many are not there: unknown to the fleet, or known and neither online nor busy. */
  public int absent() {
    int absent = 0;
    for (ExpectedWorker worker : workers.values()) {
      NodeView node = nodeOf(worker);
      absent += node == null || !node.isUp() ? 1 : 0;
    }
    return absent;
  }

  /** Whether a node is one of those named. */
  boolean names(NodeView node) {
    for (ExpectedWorker worker : workers.values()) {
      if (worker.is(node)) {
        return true;
      }
    }
    return false;
  }

  private NodeView nodeOf(ExpectedWorker worker) {
    for (NodeView node : fleet.nodes()) {
      if (worker.is(node)) {
        return node;
      }
    }
    return null;
  }

  private void askAll() {
    for (String url : workers.keySet()) {
      ask(url)
          .onSuccess(answer -> learned(workers.get(url).answered(answer, clock.millis())))
          .onFailure(cause -> learned(workers.get(url).silent(cause, clock.millis())));
    }
  }

  private void learned(ExpectedWorker now) {
    ExpectedWorker before = workers.put(now.url(), now);
    if (before != null && before.reachable() != now.reachable()) {
      log.info("worker {} of WORKERS {}", now.url(), now.finding());
    }
  }

  private Future<JsonObject> ask(String url) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(url + "/health")
            .setFollowRedirects(false)
            .putHeader("accept", "application/json")
            .setTimeout(timeout.toMillis());
    return client
        .request(options)
        .compose(
            request -> {
              // The client's own time-out is for silence; this one ends an answer that drips.
              long limit = vertx.setTimer(2 * timeout.toMillis(), t -> request.reset());
              return request
                  .send()
                  .compose(ExpectedWorkers::body)
                  .onComplete(done -> vertx.cancelTimer(limit));
            })
        .map(Buffer::toJsonObject);
  }

  /** A worker that is unhealthy says so with 503, which is an answer too. */
  private static Future<Buffer> body(HttpClientResponse response) {
    if (response.statusCode() != 200 && response.statusCode() != 503) {
      return Future.failedFuture(new UnexpectedAnswer("HTTP status " + response.statusCode()));
    }
    Buffer whole = Buffer.buffer();
    response.handler(
        piece -> {
          if (whole.length() + piece.length() > MAX_ANSWER_BYTES) {
            response.request().reset();
          } else {
            whole.appendBuffer(piece);
          }
        });
    return response.end().map(whole);
  }

  /** Something answers there, but not as a worker does. */
  static final class UnexpectedAnswer extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnexpectedAnswer(String message) {
      super(message, null, false, false);
    }
  }
}
