package io.muster.hub.http;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads the bodies of requests, within a size for each, a size for all together, and a time. Used
 * on the hub's event loop.
 */
final class Bodies {
  private static final CharSequence ORIGIN = HttpHeaders.createOptimized("origin");

  private final long maxBytes;
  private final long maxBufferedBytes;
  private final long readTimeoutNanos;

  /** Bodies that have not arrived in full, the oldest first. */
  private final Set<Reading> unfinished = new LinkedHashSet<>();

  private long buffered;

  Bodies(HttpOptions options) {
    this.maxBytes = options.maxBodyBytes();
    this.maxBufferedBytes = options.maxBufferedBytes();
    this.readTimeoutNanos = options.readTimeoutMs() * 1_000_000;
  }

  /**
   * The whole body; to be called before the request's handler returns.
   *
   * @return fails with an {@link ApiException}: 413, 415, 503, 408
   */
  Future<byte[]> read(Exchange exchange) {
    HttpServerRequest request = exchange.request();
    Reading reading = new Reading(request);
    exchange.body(reading);
    long declared = declaredLength(request);
    if (declared > maxBytes) {
      return Future.failedFuture(tooLarge());
    }
    if (request.getHeader(HttpHeaders.CONTENT_ENCODING) != null) {
      return Future.failedFuture(
          ApiError.of(
                  415,
                  "unsupported_encoding",
                  "content-encoding",
                  "Bodies are read as they" + " are: send this one without a content encoding.")
              .asException());
    }
    if (request.getHeader(ORIGIN) != null && !isJson(request)) {
      // A page of another site can send other types without asking first; that must cost nobody.
      return Future.failedFuture(
          ApiError.of(
                  415,
                  "unsupported_media_type",
                  "content-type",
                  "A browser has to send this" + " as application/json.")
              .asException());
    }
    if (request.getHeader(HttpHeaders.EXPECT) != null) {
      var unused = exchange.response().writeContinue();
    }
    return reading.start();
  }

  /** Ends the requests whose bodies take too long. */
  void sweep() {
    long now = System.nanoTime();
    List<Reading> late = new ArrayList<>();
    for (Reading reading : unfinished) {
      if (now - reading.startedNanos <= readTimeoutNanos) {
        break;
      }
      late.add(reading);
    }
    for (Reading reading : late) {
      reading.fail(
          ApiError.of(408, "request_timeout", null, "The request took too long to arrive.")
              .asException());
    }
  }

  private static long declaredLength(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null) {
      return -1;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static boolean isJson(HttpServerRequest request) {
    String type = request.getHeader(HttpHeaders.CONTENT_TYPE);
    return type != null && type.regionMatches(true, 0, "application/json", 0, 16);
  }

  private ApiException tooLarge() {
    return ApiError.of(
            413, "request_too_large", null, "The body is larger than " + maxBytes + " bytes.")
        .asException();
  }

  /** A body on its way; it counts as held until its request is over. */
  final class Reading implements Handler<Buffer> {
    private final HttpServerRequest request;
    private final long startedNanos = System.nanoTime();
    private final Promise<byte[]> promise = Promise.promise();
    private Buffer first;
    private Buffer all;
    private int length;

    private Reading(HttpServerRequest request) {
      this.request = request;
    }

    private Future<byte[]> start() {
      unfinished.add(this);
      request.handler(this);
      request.endHandler(end -> finish());
      return promise.future();
    }

    @Override
    public void handle(Buffer chunk) {
      if (promise.future().isComplete()) {
        return;
      }
      length += chunk.length();
      buffered += chunk.length();
      if (length > maxBytes) {
        fail(tooLarge());
      } else if (buffered > maxBufferedBytes) {
        fail(
            new ApiError(
                    503,
                    "server_error",
                    "no_capacity",
                    null,
                    "The hub holds as many bytes of" + " requests as it may.",
                    1000,
                    true,
                    null,
                    null)
                .asException());
      } else if (first == null) {
        first = chunk;
      } else {
        if (all == null) {
          all = Buffer.buffer(2 * (first.length() + chunk.length())).appendBuffer(first);
        }
        all.appendBuffer(chunk);
      }
    }

    private void finish() {
      if (unfinished.remove(this)) {
        Buffer body = all == null ? first : all;
        promise.tryComplete(body == null ? new byte[0] : body.getBytes());
        first = null;
        all = null;
      }
    }

    private void fail(ApiException error) {
      unfinished.remove(this);
      first = null;
      all = null;
      promise.tryFail(error);
    }

    /** Its request is over. */
    void release() {
      unfinished.remove(this);
      buffered -= length;
      length = 0;
    }
  }
}
