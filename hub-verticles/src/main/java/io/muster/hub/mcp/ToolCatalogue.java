package io.muster.hub.mcp;

import io.muster.hub.tool.FleetTools;
import io.muster.hub.tool.Offered;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tools of the fleet as MCP lists them, and who wants to know when they change. */
final class ToolCatalogue {
  private static final long LOOK_MS = 500;
  private static final String MIRRORED = "x-mcp-header";

  private final Vertx vertx;
  private final FleetTools tools;
  private final Set<Runnable> listeners = new LinkedHashSet<>();
  private JsonArray last;
  private long timer = -1;

  ToolCatalogue(Vertx vertx, FleetTools tools) {
    this.vertx = vertx;
    this.tools = tools;
  }

  FleetTools tools() {
    return tools;
  }

  /**
   * All of them, as one page.
   *
   * @throws Rpc.Failure for a request that goes on with another: there is none
   */
  JsonArray list(Rpc rpc) {
    if (rpc.params().getValue("cursor") != null) {
      throw new Rpc.Failure(200, Rpc.INVALID_PARAMS, "'cursor': the list has one page.");
    }
    return list();
  }

  /** By name. */
  private JsonArray list() {
    JsonArray list = new JsonArray();
    for (Offered tool : tools.list()) {
      list.add(
          new JsonObject()
              .put("name", tool.name())
              .put("description", tool.description())
              .put("inputSchema", schema(tool.schema())));
    }
    return list;
  }

  /**
   * Of an object, as MCP wants it. No parameter is mirrored in a header: nothing here reads them.
   */
  private static JsonObject schema(Map<String, Object> schema) {
    Map<String, Object> plain = new LinkedHashMap<>(schema);
    plain.put("type", "object");
    return new JsonObject(withoutMirrors(plain));
  }

  private static Map<String, Object> withoutMirrors(Map<String, Object> schema) {
    Map<String, Object> plain = new LinkedHashMap<>();
    schema.forEach(
        (key, value) -> {
          if (!key.equals(MIRRORED)) {
            plain.put(key, withoutMirrors(value));
          }
        });
    return plain;
  }

  @SuppressWarnings("unchecked") // JSON's objects have no other keys.
  private static Object withoutMirrors(Object value) {
    if (value instanceof Map<?, ?> object) {
      return withoutMirrors((Map<String, Object>) object);
    }
    return value instanceof JsonObject object ? withoutMirrors(object.getMap()) : value;
  }

  /**
   * Has it run when the list is another.
   *
   * @return ends that
   */
  Runnable whenChanged(Runnable listener) {
    if (listeners.isEmpty()) {
      last = list();
      timer = vertx.setPeriodic(LOOK_MS, id -> look());
    }
    listeners.add(listener);
    return () -> {
      if (listeners.remove(listener) && listeners.isEmpty()) {
        vertx.cancelTimer(timer);
      }
    };
  }

  private void look() {
    JsonArray now = list();
    if (!now.equals(last)) {
      last = now;
      List.copyOf(listeners).forEach(Runnable::run);
    }
  }
}
