package io.muster.hub.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /mcp} over real HTTP, in both eras of the protocol. */
class McpIT {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final String BOTH = "application/json, text/event-stream";

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private McpHub hub;

  @BeforeEach
  void start() {
    hub = new McpHub(List.of(), Map.of("MCP_STREAM_AFTER_MS", "300", "MCP_MAX_SESSIONS", "3"));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  // ---- 2025-11-25 ------------------------------------------------------------------------------

  @Test
  void beginsASessionListsAndCalls() throws Exception {
    HttpResponse<String> begun = legacy(null, request(1, "initialize", initialize("2025-11-25")));
    assertThat(begun.statusCode()).isEqualTo(200);
    JsonObject result = json(begun).getJsonObject("result");
    assertThat(result.getString("protocolVersion")).isEqualTo("2025-11-25");
    assertThat(result.getJsonObject("capabilities"))
        .isEqualTo(new JsonObject("{\"tools\":{\"listChanged\":true}}"));
    assertThat(result.getJsonObject("serverInfo").getString("name")).isEqualTo("muster");
    String session = begun.headers().firstValue("mcp-session-id").orElseThrow();
    assertThat(session).matches("[A-Za-z0-9_-]{32}");

    HttpResponse<String> told =
        legacy(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
    assertThat(told.statusCode()).isEqualTo(202);
    assertThat(told.body()).isEmpty();
    assertThat(json(legacy(session, request(2, "ping", "{}"))).getJsonObject("result")).isEmpty();

    JsonArray tools =
        json(legacy(session, request(3, "tools/list", "{}")))
            .getJsonObject("result")
            .getJsonArray("tools");
    JsonObject echo = tools.getJsonObject(0);
    assertThat(echo.getString("name")).isEqualTo("echo");
    assertThat(echo.getJsonObject("inputSchema"))
        .isEqualTo(
            new JsonObject("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}"));

    JsonObject called =
        json(legacy(session, call(4, "echo", "{\"a\":\"ü\"}"))).getJsonObject("result");
    assertThat(called.getJsonObject("structuredContent").getString("a")).isEqualTo("ü");
    assertThat(called.getJsonArray("content").getJsonObject(0).getString("text"))
        .isEqualTo("{\"a\":\"ü\"}");
    assertThat(called.getJsonObject("_meta").getString("io.muster/node")).isEqualTo("w1");
  }

  @ParameterizedTest
  @CsvSource({"2025-06-18,2025-06-18", "2025-03-26,2025-03-26", "1999-01-01,2025-11-25"})
  void agreesOnAVersion(String wanted, String got) throws Exception {
    assertThat(
            json(legacy(null, request(1, "initialize", initialize(wanted))))
                .getJsonObject("result")
                .getString("protocolVersion"))
        .isEqualTo(got);
  }

  @Test
  void knowsOnlyItsSessions() throws Exception {
    String ping = request(1, "ping", "{}");
    assertThat(legacy(null, ping).statusCode()).isEqualTo(400);
    assertThat(legacy("nobody", ping).statusCode()).isEqualTo(404);
    String session = session();
    assertThat(legacy(session, ping, "mcp-protocol-version", "2024-01-01").statusCode())
        .isEqualTo(400);
    assertThat(legacy(session, ping, "mcp-protocol-version", "2025-11-25").statusCode())
        .isEqualTo(200);
    assertThat(send("DELETE", session).statusCode()).isEqualTo(204);
    assertThat(send("DELETE", session).statusCode()).isEqualTo(404);
    assertThat(legacy(session, ping).statusCode()).isEqualTo(404);
  }

  @Test
  void letsTheSessionUnusedForLongestGo() throws Exception {
    String first = session();
    String second = session();
    session();
    legacy(first, request(1, "ping", "{}"));
    session();
    assertThat(legacy(first, request(1, "ping", "{}")).statusCode()).isEqualTo(200);
    assertThat(legacy(second, request(1, "ping", "{}")).statusCode()).isEqualTo(404);
  }

  @Test
  void tellsWhatIsWrong() throws Exception {
    String session = session();
    assertThat(error(legacy(session, "{"))).isEqualTo(-32700);
    assertThat(error(legacy(session, "{\"jsonrpc\":\"1.0\"}"))).isEqualTo(-32600);
    assertThat(error(legacy(session, "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}")))
        .isEqualTo(-32600);
    assertThat(error(legacy(session, request(1, "resources/list", "{}")))).isEqualTo(-32601);
    HttpResponse<String> unknown = legacy(session, call(7, "nothing", "{}"));
    assertThat(error(unknown)).isEqualTo(-32602);
    assertThat(json(unknown).getInteger("id")).isEqualTo(7);
    assertThat(
            error(legacy(session, request(1, "tools/call", "{\"name\":\"echo\",\"arguments\":1}"))))
        .isEqualTo(-32602);
    JsonObject failed =
        json(legacy(session, call(8, "test_error_handling", "{}"))).getJsonObject("result");
    assertThat(failed.getBoolean("isError")).isTrue();
    assertThat(failed.encode()).contains("This tool always fails");
  }

  @Test
  void anIdIsOfOneRequestAtATime() throws Exception {
    String session = session();
    CompletableFuture<HttpResponse<InputStream>> first =
        client.sendAsync(post(session, call(9, "forever", "{}")), BodyHandlers.ofInputStream());
    first.get();
    HttpResponse<String> second = legacy(session, call(9, "echo", "{}"));
    assertThat(second.statusCode()).isEqualTo(400);
    assertThat(error(second)).isEqualTo(-32600);

    legacy(
        session,
        "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
            + "\"params\":{\"requestId\":9}}");

    await().atMost(LIMIT).until(() -> hub.fleet.aborted.size() == 1);
    assertThat(legacy(session, call(9, "echo", "{}")).statusCode()).isEqualTo(200);
  }

  @Test
  void aListHasOnePage() throws Exception {
    assertThat(error(legacy(session(), request(1, "tools/list", "{\"cursor\":\"x\"}"))))
        .isEqualTo(-32602);
    assertThat(error(modern("tools/list", null, "{\"cursor\":\"x\"}"))).isEqualTo(-32602);
  }

  @Test
  void aSessionWhoseStreamIsOpenStaysAndOneWhoseStreamHasEndedGoes() throws Exception {
    hub.close();
    hub = new McpHub(List.of(), Map.of("MCP_MAX_SESSIONS", "3", "MCP_MAX_STREAMS", "1"));
    String first = session();
    InputStream listening = get(first);
    String second = session();
    String third = session();

    session();
    assertThat(legacy(second, request(1, "ping", "{}")).statusCode()).isEqualTo(404);

    listening.close();
    // There may be one stream: another one means that the first one's end was seen.
    await().atMost(LIMIT).until(() -> listens(third));
    session();
    assertThat(legacy(first, request(1, "ping", "{}")).statusCode()).isEqualTo(404);
  }

  private boolean listens(String session) throws Exception {
    HttpRequest request =
        builder()
            .GET()
            .header("accept", "text/event-stream")
            .header("mcp-session-id", session)
            .build();
    return client.send(request, BodyHandlers.ofInputStream()).statusCode() == 200;
  }

  @Test
  void streamsProgressAndThenTheResult() throws Exception {
    String call =
        request(
            5,
            "tools/call",
            "{\"name\":\"test_tool_with_progress\",\"_meta\":{\"progressToken\":\"t\"}}");
    HttpResponse<String> streamed = legacy(session(), call);
    assertThat(streamed.headers().firstValue("content-type")).contains("text/event-stream");
    List<JsonObject> events = events(streamed.body());
    assertThat(events).hasSize(4);
    assertThat(events.get(1).getJsonObject("params"))
        .isEqualTo(new JsonObject("{\"progressToken\":\"t\",\"progress\":50,\"total\":100}"));
    assertThat(events.get(3).getInteger("id")).isEqualTo(5);
    assertThat(events.get(3).getJsonObject("result").encode()).contains("done");
  }

  @Test
  void cancelsOnTheNode() throws Exception {
    String session = session();
    CompletableFuture<HttpResponse<String>> running =
        client.sendAsync(post(session, call(9, "forever", "{}")), BodyHandlers.ofString());
    cancelUntil(session, running);
    assertThat(running.join().body()).doesNotContain("\"id\":9");
    await().atMost(LIMIT).until(() -> hub.fleet.aborted.size() == 1);
  }

  /** A cancel that comes before the call is for nothing, and harmless. */
  private void cancelUntil(String session, CompletableFuture<?> running) {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              assertThat(
                      legacy(
                              session,
                              "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                  + "\"params\":{\"requestId\":9}}")
                          .statusCode())
                  .isEqualTo(202);
              return running.isDone();
            });
  }

  @Test
  void cancelsWhenTheClientLeaves() throws Exception {
    HttpResponse<InputStream> stream =
        client.send(post(session(), call(9, "forever", "{}")), BodyHandlers.ofInputStream());
    assertThat(stream.headers().firstValue("content-type")).contains("text/event-stream");
    stream.body().close();
    await().atMost(LIMIT).until(() -> hub.fleet.aborted.size() == 1);
  }

  @Test
  void tellsOnTheStreamThatTheToolsAreOthers() throws Exception {
    String session = session();
    assertThat(send("GET", null).statusCode()).isEqualTo(405);
    assertThat(send("GET", "nobody").statusCode()).isEqualTo(404);
    try (Lines lines = new Lines(get(session))) {
      assertThat(lines.next()).startsWith(":");
      hub.run(() -> hub.fleet.withdraw("echo"));
      assertThat(lines.nextJson().getString("method"))
          .isEqualTo("notifications/tools/list_changed");
    }
  }

  // ---- 2026-07-28 ------------------------------------------------------------------------------

  @Test
  void discoversListsAndCallsWithoutASession() throws Exception {
    HttpResponse<String> discovered = modern("server/discover", null, "{}");
    assertThat(discovered.statusCode()).isEqualTo(200);
    assertThat(discovered.headers().firstValue("mcp-session-id")).isEmpty();
    JsonObject result = json(discovered).getJsonObject("result");
    assertThat(result.getString("resultType")).isEqualTo("complete");
    assertThat(result.getJsonArray("supportedVersions")).contains("2026-07-28", "2025-11-25");
    assertThat(result.getInteger("ttlMs")).isEqualTo(5_000);
    assertThat(result.getString("cacheScope")).isEqualTo("public");
    assertThat(
            result
                .getJsonObject("_meta")
                .getJsonObject("io.modelcontextprotocol/serverInfo")
                .getString("version"))
        .isEqualTo("1.2.3");

    JsonObject listed = json(modern("tools/list", null, "{}")).getJsonObject("result");
    assertThat(listed.getJsonArray("tools")).hasSize(10);
    assertThat(listed.getString("cacheScope")).isEqualTo("public");

    JsonObject called =
        json(modern("tools/call", "echo", "{\"name\":\"echo\",\"arguments\":{\"a\":\"b\"}}"))
            .getJsonObject("result");
    assertThat(called.getString("resultType")).isEqualTo("complete");
    assertThat(called.getJsonObject("structuredContent").getString("a")).isEqualTo("b");
    assertThat(called.containsKey("ttlMs")).isFalse();
    String encoded =
        "=?base64?"
            + java.util.Base64.getEncoder().encodeToString("echo".getBytes(StandardCharsets.UTF_8))
            + "?=";
    assertThat(modern("tools/call", encoded, "{\"name\":\"echo\"}").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // method | Mcp-Method | Mcp-Name | version header | version in the body | params | status |
        // code
        "tools/list | tools/call | - | 2026-07-28 | 2026-07-28 | {} | 400 | -32020",
        "tools/list | - | - | 2026-07-28 | 2026-07-28 | {} | 400 | -32020",
        "tools/list | TOOLS/LIST | - | 2026-07-28 | 2026-07-28 | {} | 400 | -32020",
        "tools/list | tools/list | - | - | 2026-07-28 | {} | 400 | -32020",
        "tools/list | tools/list | - | 2025-11-25 | 2026-07-28 | {} | 400 | -32020",
        "tools/list | tools/list | - | 1900-01-01 | 1900-01-01 | {} | 400 | -32022",
        "tools/list | tools/list | - | 2026-07-28 | - | {} | 400 | -32602",
        "tools/call | tools/call | - | 2026-07-28 | 2026-07-28 | {\"name\":\"echo\"} | 400 |"
            + " -32020",
        "tools/call | tools/call | nope | 2026-07-28 | 2026-07-28 | {\"name\":\"echo\"} | 400 |"
            + " -32020",
        "tools/call | tools/call | =?base64?%?= | 2026-07-28 | 2026-07-28 | {\"name\":\"echo\"} |"
            + " 400 | -32020",
        "tools/call | tools/call | none | 2026-07-28 | 2026-07-28 | {\"name\":\"none\"} | 200 |"
            + " -32602",
        "ping | ping | - | 2026-07-28 | 2026-07-28 | {} | 404 | -32601",
        "initialize | initialize | - | 2026-07-28 | 2026-07-28 | {} | 404 | -32601",
        "resources/list | resources/list | - | 2026-07-28 | 2026-07-28 | {} | 404 | -32601",
      })
  void refusesWhatDoesNotFit(
      String method,
      String methodHeader,
      String name,
      String header,
      String version,
      String params,
      int status,
      int code)
      throws Exception {
    JsonObject meta =
        new JsonObject().put("io.modelcontextprotocol/clientCapabilities", new JsonObject());
    if (!version.equals("-")) {
      meta.put("io.modelcontextprotocol/protocolVersion", version);
    }
    String body = request(3, method, new JsonObject(params).put("_meta", meta).encode());
    HttpRequest.Builder request =
        builder().POST(BodyPublishers.ofString(body)).header("accept", BOTH);
    if (!methodHeader.equals("-")) {
      request.header("mcp-method", methodHeader);
    }
    if (!name.equals("-")) {
      request.header("mcp-name", name);
    }
    if (!header.equals("-")) {
      request.header("mcp-protocol-version", header);
    }
    HttpResponse<String> refused = client.send(request.build(), BodyHandlers.ofString());
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
    assertThat(error(refused)).isEqualTo(code);
    assertThat(json(refused).getInteger("id")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"all\"", "[]", "null"})
  void saysWhenASubscriptionIsNone(String notifications) throws Exception {
    HttpResponse<String> refused =
        modern("subscriptions/listen", null, "{\"notifications\":" + notifications + "}");

    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(error(refused)).isEqualTo(-32602);
  }

  @Test
  void tellsSubscribersWhatTheyAskedFor() throws Exception {
    HttpRequest listen =
        modernRequest(
            "subscriptions/listen", null, "{\"notifications\":{\"toolsListChanged\":true}}");
    try (Lines lines = new Lines(client.send(listen, BodyHandlers.ofInputStream()).body())) {
      JsonObject acknowledged = lines.nextJson();
      assertThat(acknowledged.getString("method"))
          .isEqualTo("notifications/subscriptions/acknowledged");
      hub.run(() -> hub.fleet.withdraw("echo"));
      JsonObject changed = lines.nextJson();
      assertThat(changed.getString("method")).isEqualTo("notifications/tools/list_changed");
      assertThat(
              changed
                  .getJsonObject("params")
                  .getJsonObject("_meta")
                  .getInteger("io.modelcontextprotocol/subscriptionId"))
          .isEqualTo(3);
    }
  }

  // ---- both ------------------------------------------------------------------------------------

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://evil.example",
        "https://localhost.evil.example",
        "null",
        "http://localhost@evil.example"
      })
  void refusesPagesOfOtherOrigins(String origin) throws Exception {
    for (String method : List.of("POST", "GET", "DELETE")) {
      HttpRequest request =
          builder()
              .header("origin", origin)
              .method(method, BodyPublishers.ofString(request(1, "ping", "{}")))
              .build();
      assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
    }
  }

  @Test
  void asksForAKeyAndKeepsSessionsApart() throws Exception {
    try (McpHub keyed = new McpHub(List.of("first", "second"), Map.of())) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(keyed.url()))
              .header("content-type", "application/json")
              .POST(BodyPublishers.ofString(request(1, "initialize", initialize("2025-11-25"))));
      HttpResponse<String> refused = client.send(request.build(), BodyHandlers.ofString());
      assertThat(refused.statusCode()).isEqualTo(401);
      assertThat(refused.headers().firstValue("www-authenticate").orElseThrow())
          .startsWith("Bearer");
      HttpResponse<String> begun =
          client.send(
              request.copy().header("authorization", "Bearer first").build(),
              BodyHandlers.ofString());
      assertThat(begun.statusCode()).isEqualTo(200);
      HttpRequest other =
          HttpRequest.newBuilder(URI.create(keyed.url()))
              .header("mcp-session-id", begun.headers().firstValue("mcp-session-id").orElseThrow())
              .header("authorization", "Bearer second")
              .POST(BodyPublishers.ofString(request(1, "ping", "{}")))
              .build();
      assertThat(client.send(other, BodyHandlers.ofString()).statusCode()).isEqualTo(404);
    }
  }

  private String session() throws Exception {
    return legacy(null, request(1, "initialize", initialize("2025-11-25")))
        .headers()
        .firstValue("mcp-session-id")
        .orElseThrow();
  }

  private static String initialize(String version) {
    return new JsonObject()
        .put("protocolVersion", version)
        .put("capabilities", new JsonObject())
        .put("clientInfo", new JsonObject().put("name", "test").put("version", "1"))
        .encode();
  }

  private static String request(int id, String method, String params) {
    return "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"%s\",\"params\":%s}"
        .formatted(id, method, params);
  }

  private static String call(int id, String tool, String args) {
    return request(id, "tools/call", "{\"name\":\"%s\",\"arguments\":%s}".formatted(tool, args));
  }

  private HttpRequest.Builder builder() {
    return HttpRequest.newBuilder(URI.create(hub.url())).header("content-type", "application/json");
  }

  private HttpRequest post(String session, String body, String... headers) {
    HttpRequest.Builder request =
        builder().POST(BodyPublishers.ofString(body)).header("accept", BOTH);
    if (session != null) {
      request.header("mcp-session-id", session);
    }
    return headers.length == 0 ? request.build() : request.headers(headers).build();
  }

  private HttpResponse<String> legacy(String session, String body, String... headers)
      throws Exception {
    return client.send(post(session, body, headers), BodyHandlers.ofString());
  }

  private HttpResponse<String> send(String method, String session) throws Exception {
    HttpRequest.Builder request = builder().method(method, BodyPublishers.noBody());
    if (session != null) {
      request.header("mcp-session-id", session);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private InputStream get(String session) throws Exception {
    HttpRequest request =
        builder()
            .GET()
            .header("accept", "text/event-stream")
            .header("mcp-session-id", session)
            .build();
    return client.send(request, BodyHandlers.ofInputStream()).body();
  }

  private HttpRequest modernRequest(String method, String name, String params) {
    JsonObject full =
        new JsonObject(params)
            .put(
                "_meta",
                new JsonObject()
                    .put("io.modelcontextprotocol/protocolVersion", "2026-07-28")
                    .put("io.modelcontextprotocol/clientCapabilities", new JsonObject()));
    HttpRequest.Builder request =
        builder()
            .POST(BodyPublishers.ofString(request(3, method, full.encode())))
            .header("accept", BOTH)
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method);
    return name == null ? request.build() : request.header("mcp-name", name).build();
  }

  private HttpResponse<String> modern(String method, String name, String params) throws Exception {
    return client.send(modernRequest(method, name, params), BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    return new JsonObject(response.body());
  }

  private static int error(HttpResponse<String> response) {
    return json(response).getJsonObject("error").getInteger("code");
  }

  private static List<JsonObject> events(String body) {
    return body.lines()
        .filter(line -> line.startsWith("data: "))
        .map(line -> new JsonObject(line.substring(6)))
        .toList();
  }

  /** The lines of a stream that goes on; ends with the test's own time-out. */
  private record Lines(BufferedReader reader) implements AutoCloseable {
    Lines(InputStream stream) {
      this(new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8)));
    }

    String next() throws IOException {
      return reader.readLine();
    }

    JsonObject nextJson() throws IOException {
      for (String line = next(); line != null; line = next()) {
        if (line.startsWith("data: ")) {
          return new JsonObject(line.substring(6));
        }
      }
      throw new AssertionError("the stream ended");
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
