package io.muster.runtime.ops;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/** Answers operators in JSON, which is never kept by anybody on the way. */
public final class JsonAnswer {
  private JsonAnswer() {}

  public static void send(HttpServerRequest request, int status, JsonObject body) {
    send(
        request,
        status,
        "application/json; charset=utf-8",
        body.toBuffer().appendByte((byte) '\n'));
  }

  /** Answers with {@code {"error":{"message","type","code"}}}. */
  public static void error(HttpServerRequest request, int status, String code, String message) {
    JsonObject error =
        new JsonObject()
            .put("message", message)
            .put("type", status < 500 ? "invalid_request_error" : "server_error")
            .put("code", code);
    send(request, status, new JsonObject().put("error", error));
  }

  /** Answers 401 and says which setting helps. */
  public static void unauthorized(HttpServerRequest request, String message) {
    request.response().putHeader("www-authenticate", "Bearer");
    error(request, 401, "unauthorized", message);
  }

  /** Answers in any other form; nothing is sent where the client is gone already. */
  public static void send(HttpServerRequest request, int status, String type, Buffer body) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response
        .setStatusCode(status)
        .putHeader("content-type", type)
        .putHeader("cache-control", "no-store")
        .putHeader("x-content-type-options", "nosniff")
        .end(body);
  }
}
