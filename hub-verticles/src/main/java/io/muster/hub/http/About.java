package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the hub says of its HTTP interface: a word at its root, and the OpenAPI document. */
final class About {
  /** Each has {@code openapi/NAME.json}: paths, tags and components of its own. */
  private static final List<String> FEATURES =
      List.of(
          "admin",
          "companions",
          "containers",
          "events",
          "history",
          "identity",
          "mcp",
          "quotas",
          "tasks",
          "tools",
          "tunnels");

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

  /** The OpenAPI document: the protocols' part, and one of each feature. */
  static byte[] document() {
    ObjectNode whole = part("openapi.json");
    for (String feature : FEATURES) {
      merge(whole, part("openapi/" + feature + ".json"));
    }
    return HttpJson.bytes(whole);
  }

  /** Adds the members of one object to another: arrays grow, objects are merged. */
  private static void merge(ObjectNode into, ObjectNode more) {
    more.fields()
        .forEachRemaining(
            member -> {
              JsonNode there = into.get(member.getKey());
              if (there instanceof ObjectNode object) {
                merge(object, (ObjectNode) member.getValue());
              } else if (there instanceof ArrayNode array) {
                array.addAll((ArrayNode) member.getValue());
              } else {
                into.set(member.getKey(), member.getValue());
              }
            });
  }

  private static ObjectNode part(String file) {
    try (InputStream in = About.class.getResourceAsStream(file)) {
      return (ObjectNode) HttpJson.MAPPER.readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
