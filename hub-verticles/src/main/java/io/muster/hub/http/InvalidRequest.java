package io.muster.hub.http;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Answers what is no proper HTTP request, and closes its connection. */
final class InvalidRequest {
  private InvalidRequest() {}

  static void answer(HttpServerRequest request) {
    ApiError error = error(request.decoderResult().cause());
    var unused =
        request
            .response()
            .setStatusCode(error.status())
            .putHeader(HttpHeaders.CONTENT_TYPE, Exchange.JSON)
            .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE)
            .end(ErrorBody.OPENAI.body(error, ""))
            .onComplete(written -> request.connection().close());
  }

  private static ApiError error(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return ApiError.of(414, "uri_too_long", null, "The URI is too long.");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return ApiError.of(431, "headers_too_large", null, "The request's headers are too large.");
    }
    return ApiError.of(
        400,
        null,
        null,
        cause == null
            ? "The request has no 'Host'."
            : "This is no proper HTTP request: " + cause.getMessage());
  }
}
