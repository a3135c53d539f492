package io.muster.hub.http;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.hub.quota.Standing;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request and its answer: its id, its error shape, and its end, which comes exactly once,
 * whether the answer was written or the client went away. What was taken for it is given back then.
 */
final class Exchange implements Handler<Void> {
  static final CharSequence X_REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  static final CharSequence X_WORKER_ID = HttpHeaders.createOptimized("x-worker-id");
  static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence RETRY_AFTER_MS = HttpHeaders.createOptimized("retry-after-ms");
  private static final CharSequence X_SHOULD_RETRY = HttpHeaders.createOptimized("x-should-retry");
  private static final CharSequence WWW_AUTHENTICATE =
      HttpHeaders.createOptimized("www-authenticate");
  private static final String KEY = "muster.exchange";
  private static final long LINGER_MS = 1000;

  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  private final Exchanges exchanges;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Connections.Open connection;
  private final String requestId;
  private final long startedNanos = System.nanoTime();
  private Caller caller = Caller.ANYONE;
  private Bodies.Reading body;
  private Permit permit;
  private String workerId;
  private Runnable whenGone;
  private boolean over;
  private int failedStatus;

  Exchange(
      Exchanges exchanges,
      HttpServerRequest request,
      Connections.Open connection,
      String requestId) {
    this.exchanges = exchanges;
    this.request = request;
    this.response = request.response();
    this.connection = connection;
    this.requestId = requestId;
  }

  /** The exchange of a routed request. */
  static Exchange of(RoutingContext ctx) {
    return ctx.get(KEY);
  }

  void begin(RoutingContext ctx) {
    ctx.put(KEY, this);
    response.endHandler(this);
    response.closeHandler(this);
    name();
  }

  /** Writes the id into the answer's head. */
  void name() {
    response.putHeader(X_REQUEST_ID, requestId);
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return response;
  }

  String requestId() {
    return requestId;
  }

  /** Whether nothing can be answered any more. */
  boolean over() {
    return over;
  }

  Caller caller() {
    return caller;
  }

  void caller(Caller identified) {
    caller = identified;
  }

  void body(Bodies.Reading reading) {
    body = reading;
  }

  void permit(Permit taken) {
    if (over) {
      taken.release();
    } else {
      permit = taken;
      taken.whenLost(this::lost);
      standing(taken.standing());
    }
  }

  /** Tells the caller what its quota has left; null for one that has none. */
  void standing(Standing standing) {
    if (standing != null && !over && !response.headWritten()) {
      RateLimitHeaders.write(standing, response.headers());
    }
  }

  /** What was reserved for it is no longer this hub's: it must not go on. */
  private void lost() {
    Runnable left = whenGone;
    if (left != null) {
      left.run();
    }
    fail(
        ApiError.of(
            Fault.of(
                Failure.UNREACHABLE, "The hub lost its database, which counts quotas.", 1000)));
  }

  /** Names who answers, in the head and in the log. */
  void worker(String nodeId) {
    workerId = nodeId;
    if (!response.headWritten()) {
      response.putHeader(X_WORKER_ID, nodeId);
    }
  }

  /** Is run when the client leaves before its answer is complete. */
  void whenGone(Runnable gone) {
    whenGone = gone;
  }

  /** Is run when the hub stops while this is not over, and is to end it. */
  void whenStopping(Runnable action) {
    exchanges.whenStopping(this, action);
  }

  /** Answers with JSON. */
  void answer(int status, Buffer json) {
    if (over) {
      return;
    }
    response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    end(json);
  }

  void answer(Buffer json) {
    answer(200, json);
  }

  void fail(Throwable cause) {
    if (!(cause instanceof ApiException)
        && !(cause instanceof FaultException)
        && !(cause instanceof QuotaExceeded)) {
      log.error("{} {} {} failed", requestId, request.method(), request.path(), cause);
    }
    fail(ApiError.of(cause));
  }

  /** Answers with an error in the shape that the path's clients expect. */
  void fail(ApiError error) {
    if (over) {
      return;
    }
    if (response.headWritten()) {
      cut();
      return;
    }
    if (error.quota() != null) {
      standing(error.quota().standing());
    }
    if (error.retryAfterMs() > 0) {
      response.putHeader(
          HttpHeaders.RETRY_AFTER, Long.toString((error.retryAfterMs() + 999) / 1000));
      response.putHeader(RETRY_AFTER_MS, Long.toString(error.retryAfterMs()));
    }
    if (error.retry() != null) {
      response.putHeader(X_SHOULD_RETRY, error.retry().toString());
    }
    if (error.status() == 401) {
      response.putHeader(WWW_AUTHENTICATE, "Bearer");
    }
    boolean closing = http1() && !request.isEnded() && isAboutTheBody(error.status());
    boolean rest = closing || bodyIsOnItsWay();
    if (closing) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    ErrorBody shape = errorBody();
    response.setStatusCode(error.status()).putHeader(HttpHeaders.CONTENT_TYPE, shape.contentType());
    end(shape.body(error, requestId));
    if (rest) {
      exchanges.vertx().setTimer(LINGER_MS, id -> endRest(closing));
    }
  }

  ErrorBody errorBody() {
    return ErrorBody.forPath(request.path());
  }

  boolean http1() {
    return request.version() != HttpVersion.HTTP_2;
  }

  /** Another number whenever the client has taken some of what was written to its connection. */
  long progress() {
    // On HTTP/2 others share the connection: their progress is not this one's.
    return http1() ? connection.progress() : 0;
  }

  /** Ends the answer at once, without anything that could pass for a proper end of it. */
  void cut() {
    if (over) {
      return;
    }
    if (http1()) {
      connection.kill();
    } else {
      var unused = response.reset(8); // CANCEL
    }
  }

  private static boolean isAboutTheBody(int status) {
    return status == 413 || status == 408;
  }

  /** More of a body than can be left to arrive and be dropped. */
  private boolean bodyIsOnItsWay() {
    if (request.isEnded()) {
      return false;
    }
    if (!http1() || request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      return true;
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length != null && length.length() > 4;
  }

  /** After an answer whose end is the connection's. */
  void closeConnection() {
    connection.kill();
  }

  /** Ends the answer as {@link #cut} does, once this was written, or soon in any case. */
  void cutAfter(Buffer last) {
    exchanges.vertx().setTimer(LINGER_MS, id -> cut());
    var unused = response.write(last).onComplete(written -> cut());
  }

  /**
   * Ends what a client still sends of a body that nobody wants. Not at once: closing on unread data
   * resets the connection, and the client would never see its answer.
   */
  private void endRest(boolean closing) {
    if (http1() && (closing || !request.isEnded())) {
      connection.kill();
    } else if (!request.isEnded()) {
      var unused = response.reset(0); // NO_ERROR: the answer counts, the rest is not wanted
    }
  }

  private void end(Buffer content) {
    var unused = response.end(content);
  }

  /** Its stream broke after its head had gone out with 200: for the log and the metrics. */
  void failedWith(int status) {
    failedStatus = status;
  }

  /** The answer was written, or the connection or the stream is gone: whichever comes first. */
  @Override
  public void handle(Void end) {
    if (over) {
      return;
    }
    over = true;
    boolean gone = !response.ended();
    if (body != null) {
      body.release();
    }
    if (permit != null) {
      permit.release();
    }
    connection.requestOver();
    int status = gone ? 499 : response.getStatusCode();
    exchanges.over(
        this,
        failedStatus == 0 ? status : failedStatus,
        System.nanoTime() - startedNanos,
        workerId);
    Runnable left = whenGone;
    if (gone && left != null) {
      left.run();
    }
  }
}
