package io.muster.worker.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthStatus;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.task.Tool;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.muster.worker.task.Tools;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.File;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tools of servers made with MCP's official TypeScript SDK, as npm installs it in src/test/mcp. */
class McpServersFeatureIT {
  private static final Path FOLDER = Path.of("src/test/mcp").toAbsolutePath();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String TOKEN = "tok3n-of-the-owner";

  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger changes = new AtomicInteger();
  private final Tools tools = new Tools(changes::incrementAndGet);
  private McpServersFeature feature;
  private Process server;

  @AfterEach
  void stop() throws Exception {
    if (feature != null) {
      done(onLoop(feature::stop));
    }
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
    done(vertx.close());
  }

  private static String node() {
    for (String dir : System.getenv("PATH").split(File.pathSeparator, -1)) {
      Path file = Path.of(dir, "node");
      if (Files.isExecutable(file) && Files.isDirectory(FOLDER.resolve("node_modules"))) {
        return file.toString();
      }
    }
    assertThat(System.getenv("CI")).as("needs node, and npm ci in " + FOLDER).isNotEqualTo("true");
    Assumptions.abort("needs node, and npm ci in " + FOLDER);
    return null;
  }

  private void start(String servers, Map<String, String> more) throws Exception {
    Map<String, String> env = new HashMap<>(more);
    env.put("MCP_SERVERS", servers);
    env.put("MCP_SERVER_RETRY_MS", "200");
    env.put("MCP_SERVER_PING_MS", "300");
    env.put("DATA_DIR", folder.toString());
    Settings settings = Settings.load(Role.WORKER, env, folder);
    feature =
        onLoop(
            () ->
                new McpServersFeature(
                    new NodeContext(
                        vertx,
                        null,
                        settings,
                        "w1",
                        tools,
                        null,
                        null,
                        null,
                        () -> {},
                        null,
                        Clock.systemUTC())));
    done(onLoop(feature::start));
  }

  private void overStdio() throws Exception {
    start("local=stdio:" + node() + " " + FOLDER.resolve("server.mjs"), Map.of());
    awaitTool("local__echo");
  }

  @Test
  void offersAndCallsTheToolsOfACommand() throws Exception {
    overStdio();
    Tool echo = tool("local__echo");
    assertThat(echo.description()).isEqualTo("Says it again.");
    assertThat(echo.schema().getJsonObject("properties").getJsonObject("say").getString("type"))
        .isEqualTo("string");
    assertThat(run("local__echo", new JsonObject().put("say", "Grüße"))).isEqualTo("Grüße");
    assertThat(run("local__image", new JsonObject()))
        .isEqualTo(
            new JsonObject(
                "{\"content\":[{\"type\":\"image\",\"data\":\"AAAA\",\"mimeType\":\"image/png\"}]}"));
    assertThat((String) run("local__environment", new JsonObject()))
        .contains("PATH")
        .doesNotContain("JAVA_HOME", "MAVEN");
    assertThat(tools.names()).doesNotContain("local__wordy");
    assertThat(finding().status()).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void handsOnProgressErrorsAndCancels() throws Exception {
    overStdio();
    Caller caller = new Caller();
    assertThat(done(onLoop(() -> tool("local__steps").run(new JsonObject(), caller))))
        .isEqualTo("done");
    assertThat(caller.told).hasSize(2);
    assertThat(caller.told.get(1))
        .isEqualTo(new JsonObject().put("progress", 2.0).put("total", 2.0));

    assertThat(failure("local__fail")).isInstanceOf(ToolException.class).hasMessage("as it should");

    Caller leaving = new Caller();
    Future<Object> endless = onLoop(() -> tool("local__forever").run(new JsonObject(), leaving));
    // What came before it has been answered: so it has been taken, too.
    assertThat(run("local__cancelled", new JsonObject())).isEqualTo("0");
    onLoop(
        () -> {
          leaving.over.run();
          return null;
        });
    await().atMost(LIMIT).until(() -> run("local__cancelled", new JsonObject()).equals("1"));
    assertThat(endless.failed()).isTrue();
  }

  @Test
  void aCallWhoseTimeIsOverIsCancelledAtTheServer() throws Exception {
    overStdio();
    Caller hasty = new Caller(500);
    Future<Object> endless = onLoop(() -> tool("local__forever").run(new JsonObject(), hasty));

    assertThatThrownBy(() -> done(endless))
        .hasCause(endless.cause())
        .hasMessageContaining("the MCP server did not answer in time");

    assertThat(((ToolException) endless.cause()).error().code()).isEqualTo("timeout");
    await().atMost(LIMIT).until(() -> run("local__cancelled", new JsonObject()).equals("1"));
  }

  @Test
  void leavesNoProcessBehind() throws Exception {
    overStdio();
    String[] pids = ((String) run("local__stubborn", new JsonObject())).split(" ", -1);
    assertThat(pids).allMatch(McpServersFeatureIT::isAlive).hasSize(2);

    done(onLoop(feature::stop));

    await().atMost(LIMIT).until(() -> Stream.of(pids).noneMatch(McpServersFeatureIT::isAlive));
  }

  private static boolean isAlive(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
  }

  @Test
  void offersWhatIsNewWithoutBeingAsked() throws Exception {
    overStdio();
    int before = changes.get();
    assertThat(run("local__more", new JsonObject())).isEqualTo("ok");
    awaitTool("local__another");
    assertThat(changes.get()).isGreaterThan(before);
    assertThat(run("local__another", new JsonObject())).isEqualTo("new");
  }

  @Test
  void startsACommandAgainThatEnds() throws Exception {
    overStdio();
    onLoop(() -> tool("local__exit").run(new JsonObject(), new Caller()));
    await().atMost(LIMIT).until(() -> onLoop(() -> tools.find("local__echo").isEmpty()));
    awaitTool("local__echo");
    assertThat(run("local__echo", new JsonObject().put("say", "again"))).isEqualTo("again");
  }

  @Test
  void saysInWordsOfItsOwnThatACommandDoesNotAnswer() throws Exception {
    start("local=stdio:/bin/true", Map.of("MCP_SERVER_TIMEOUT_MS", "300"));
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(onLoop(feature::info).encode())
                    .contains("no answer within 300 ms", "LOG_LEVEL=debug"));
  }

  @Test
  void looksForAServerOfHttpUntilItIsThereAndWithItsToken() throws Exception {
    int port = freePort();
    String node = node();
    start("far=http://127.0.0.1:" + port + "/mcp", Map.of("MCP_TOKENS", "far=" + TOKEN));
    await().atMost(LIMIT).until(() -> finding().status() == HealthStatus.DEGRADED);
    assertThat(finding().reason()).contains("far");
    serve(node, port);
    awaitTool("far__echo");
    assertThat(run("far__echo", new JsonObject().put("say", "hello"))).isEqualTo("hello");
    assertThat(run("far__more", new JsonObject())).isEqualTo("ok");
    awaitTool("far__another");
    assertThat(onLoop(feature::info).encode()).contains("far__echo").doesNotContain("tok3n");

    server.destroyForcibly().waitFor();
    await().atMost(LIMIT).until(() -> onLoop(() -> tools.names().isEmpty()));
    assertThat(onLoop(feature::info).encode()).contains("problem").doesNotContain("tok3n");
    serve(node, port);
    awaitTool("far__echo");
    assertThat(run("far__echo", new JsonObject().put("say", "back"))).isEqualTo("back");
  }

  private void serve(String node, int port) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(node, FOLDER.resolve("server.mjs").toString(), String.valueOf(port))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("server.out").toFile());
    builder.environment().put("MCP_TEST_TOKEN", TOKEN);
    server = builder.start();
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private Throwable failure(String tool) throws Exception {
    try {
      run(tool, new JsonObject());
      throw new AssertionError("it did not fail");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  private Object run(String tool, JsonObject args) throws Exception {
    return done(onLoop(() -> tool(tool).run(args, new Caller())));
  }

  private Tool tool(String name) {
    return tools.find(name).orElseThrow();
  }

  private void awaitTool(String name) {
    await().atMost(LIMIT).until(() -> onLoop(() -> tools.find(name).isPresent()));
  }

  private Finding finding() throws Exception {
    return done(onLoop(() -> feature.health().get(0).find()));
  }

  private <T> T onLoop(Callable<T> action) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    vertx.runOnContext(
        v -> {
          try {
            result.complete(action.call());
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    return result.get(30, TimeUnit.SECONDS);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Whoever runs a tool. */
  private static final class Caller implements ToolContext {
    private final List<Object> told = new CopyOnWriteArrayList<>();
    private final long leftMs;
    private Runnable over = () -> {};

    Caller() {
      this(20_000);
    }

    Caller(long leftMs) {
      this.leftMs = leftMs;
    }

    @Override
    public String taskId() {
      return "t";
    }

    @Override
    public long attempt() {
      return 1;
    }

    @Override
    public long leftMs() {
      return leftMs;
    }

    @Override
    public boolean isOver() {
      return false;
    }

    @Override
    public void whenOver(Runnable action) {
      over = action;
    }

    @Override
    public void progress(Object value) {
      told.add(value);
    }
  }
}
