package io.muster.worker.tunnel;

import io.muster.worker.tunnel.FrpcToml.Admin;
import io.muster.worker.tunnel.ProxyStates.ProxyState;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** frpc's own HTTP interface. */
final class FrpcAdmin {
  private static final int TIMEOUT_MS = 2_000;
  private static final int LONGEST_TEXT = 300;

  private final HttpClientAgent client;
  private final Admin admin;
  private final String user;

  /**
   * @param user of its configuration, which may stand before the names of its tunnels
   */
  FrpcAdmin(Vertx vertx, Admin admin, String user) {
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout(TIMEOUT_MS).setKeepAlive(false));
    this.admin = admin;
    this.user = user;
  }

  Future<Map<String, ProxyState>> status() {
    return get("/api/status")
        .map(
            body ->
                ProxyStates.read(
                    body.length() == 0 ? new JsonObject() : body.toJsonObject(), user));
  }

  /** Has it read its file again; fails with an {@link IllegalArgumentException} of its words. */
  Future<Void> reload() {
    return get("/api/reload?strictConfig=true").mapEmpty();
  }

  void close() {
    var unused = client.close();
  }

  private Future<Buffer> get(String uri) {
    String credentials = admin.user() + ":" + admin.password();
    return client
        .request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost("127.0.0.1")
                .setPort(admin.port())
                .setURI(uri)
                .setIdleTimeout(TIMEOUT_MS)
                .putHeader(
                    "authorization",
                    "Basic "
                        + Base64.getEncoder()
                            .encodeToString(credentials.getBytes(StandardCharsets.UTF_8))))
        .compose(request -> request.send().compose(response -> body(response)));
  }

  private static Future<Buffer> body(HttpClientResponse response) {
    return response
        .body()
        .compose(
            body ->
                response.statusCode() == 200
                    ? Future.succeededFuture(body)
                    : Future.failedFuture(failure(response.statusCode(), body)));
  }

  private static RuntimeException failure(int status, Buffer body) {
    String text = body.toString(StandardCharsets.UTF_8).strip();
    String shown = text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
    return status == 400
        ? new IllegalArgumentException(shown)
        : new IllegalStateException("frpc answered " + status + ": " + shown);
  }
}
