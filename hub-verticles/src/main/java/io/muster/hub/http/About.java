package io.muster.hub.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the hub says of its HTTP interface: a word at its root, and the OpenAPI document. */
final class About {
  private final Buffer hub;
  private final Buffer openApi;

  About(String version) {
    Map<String, String> links = new LinkedHashMap<>();
    links.put("name", "muster-hub");
    links.put("version", version);
    links.put("openapi", "/openapi.json");
    links.put("health", "/health");
    hub = Buffer.buffer(HttpJson.bytes(links));
    openApi = Buffer.buffer(document());
  }

  /** GET /, which clients also use to see whether anybody is there. */
  void hub(RoutingContext ctx) {
    Exchange.of(ctx).answer(hub);
  }

  /** GET /openapi.json. */
  void openApi(RoutingContext ctx) {
    Exchange.of(ctx).answer(openApi);
  }

  static byte[] document() {
    try (InputStream in = About.class.getResourceAsStream("openapi.json")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
