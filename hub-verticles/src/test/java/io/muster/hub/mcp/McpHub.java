package io.muster.hub.mcp;

import io.muster.hub.http.FeatureHub;
import io.muster.hub.storage.TestDatabase;
import io.muster.hub.tool.ToolFleet;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A hub with {@code /mcp} and the tools that MCP's own suite asks for, on one node. */
final class McpHub implements AutoCloseable {
  private static final String PIXEL =
      "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  private static final Map<String, Object> NOTHING =
      Map.of("type", "object", "properties", Map.of(), "additionalProperties", false);

  final FeatureHub hub;
  ToolFleet fleet;
  private McpApi api;

  McpHub(List<String> apiKeys, Map<String, String> more) {
    Map<String, String> env = new HashMap<>(more);
    if (!apiKeys.isEmpty()) {
      env.put("API_KEYS", String.join(",", apiKeys));
    }
    Settings settings = Settings.load(Role.HUB, env, Path.of("target"));
    hub =
        new FeatureHub(
            TestDatabase.h2(),
            apiKeys,
            (vertx, database) -> {
              fleet = new ToolFleet(vertx, database);
              api = new McpApi(vertx, fleet.tools(), settings, "1.2.3");
              return fleet.start().map(v -> List.of(api));
            });
    run(this::offer);
  }

  String url() {
    return "http://127.0.0.1:" + hub.port() + "/mcp";
  }

  void run(Runnable action) {
    TestDatabase.await(
        hub.onLoop(
            () -> {
              action.run();
              return Future.succeededFuture();
            }));
  }

  private void offer() {
    fleet.offer("test_simple_text", NOTHING, (args, progress) -> done("This is a simple text."));
    fleet.offer(
        "test_image_content",
        NOTHING,
        (args, progress) -> done(content(part("image", "image/png", PIXEL))));
    fleet.offer(
        "test_audio_content",
        NOTHING,
        (args, progress) -> done(content(part("audio", "audio/wav", "UklGRiQAAABXQVZFZm10IA=="))));
    fleet.offer("test_embedded_resource", NOTHING, (args, progress) -> done(content(resource())));
    fleet.offer(
        "test_multiple_content_types",
        NOTHING,
        (args, progress) ->
            done(
                content(
                    new JsonObject().put("type", "text").put("text", "Several:"),
                    part("image", "image/png", PIXEL),
                    resource())));
    fleet.offer(
        "test_error_handling",
        NOTHING,
        (args, progress) -> Future.failedFuture("This tool always fails"));
    fleet.offer(
        "test_tool_with_progress",
        NOTHING,
        (args, progress) -> {
          for (int at : List.of(0, 50, 100)) {
            progress.accept(new JsonObject().put("progress", at).put("total", 100));
          }
          return soon("done");
        });
    fleet.offer(
        "echo",
        Map.of("properties", Map.of("a", Map.of("type", "string", "x-mcp-header", "A"))),
        (args, progress) -> done(args));
    fleet.offer(
        "test_trigger_tool_change",
        NOTHING,
        (args, progress) -> {
          fleet.offer("more_" + System.nanoTime(), NOTHING, (none, silent) -> done("more"));
          return done("changed");
        });
    fleet.offer("forever", NOTHING, (args, progress) -> Promise.promise().future());
  }

  private static Future<Object> done(Object value) {
    return Future.succeededFuture(value);
  }

  /** After what was said before has been told. */
  private Future<Object> soon(Object value) {
    Promise<Object> promise = Promise.promise();
    hub.vertx.setTimer(200, id -> promise.complete(value));
    return promise.future();
  }

  private static JsonObject content(JsonObject... parts) {
    return new JsonObject().put("content", new JsonArray(List.of(parts)));
  }

  private static JsonObject part(String type, String mimeType, String data) {
    return new JsonObject().put("type", type).put("mimeType", mimeType).put("data", data);
  }

  private static JsonObject resource() {
    return new JsonObject()
        .put("type", "resource")
        .put(
            "resource",
            new JsonObject()
                .put("uri", "test://embedded-resource")
                .put("mimeType", "text/plain")
                .put("text", "This is an embedded resource content."));
  }

  @Override
  public void close() {
    run(api::close);
    TestDatabase.await(hub.onLoop(fleet::close));
    hub.close();
  }
}
