package io.muster.hub.http;

import io.muster.hub.chat.ChatOptions;
import io.muster.hub.chat.ChatService;
import io.muster.hub.quota.QuotaGate;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.DatabaseOptions;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** The hub's HTTP server for a test, on a free port, with a dispatcher that the test plays. */
final class TestHub implements AutoCloseable {
  static final String CHAT = "/v1/chat/completions";
  static final String HELLO =
      "{\"model\":\"m1\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
  static final String STREAM = HELLO.replace("{\"model\"", "{\"stream\":true,\"model\"");

  final Path folder;
  final Database database;
  final ChatService chats;
  final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  final FakeDispatch dispatch = new FakeDispatch();
  final Models models = new Models();
  final Admission admission;
  final HttpVerticle verticle;
  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  /** The companions that there are; a test may put others. */
  volatile CompanionDesk companions = CompanionDesk.NONE;

  private TestHub(
      Limits limits,
      Function<Vertx, Consumer<Router>> ops,
      BiFunction<Vertx, Database, List<ApiRoutes>> features)
      throws Exception {
    HttpOptions options = limits.options();
    folder = Files.createTempDirectory("muster-hub");
    database = get(Database.open(vertx, DatabaseOptions.of(folder, null)));
    chats = new ChatService(vertx, database, "hub-test", ChatOptions.defaults(), Clock.systemUTC());
    get(chats.start());
    admission =
        new Admission(
            options.apiKeys(),
            options.maxInFlight(),
            options.maxStreams(),
            limits.quotas.apply(vertx, database));
    verticle =
        new HttpVerticle(
            options,
            admission,
            dispatch,
            models,
            chats,
            router -> ops.apply(vertx).accept(router),
            features.apply(vertx, database),
            HttpObserver.NONE,
            "1.2.3",
            Clock.systemUTC());
    get(vertx.deployVerticle(verticle.companions(id -> companions.find(id))));
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static TestHub start() throws Exception {
    return start(limits -> limits);
  }

  static TestHub start(UnaryOperator<Limits> change) throws Exception {
    return new TestHub(
        change.apply(new Limits()), vertx -> router -> {}, (vertx, database) -> List.of());
  }

  /** With the routes of operators, which are made on the hub's event loop. */
  static TestHub startWith(Function<Vertx, Consumer<Router>> ops) throws Exception {
    return startWith(ops, (vertx, database) -> List.of());
  }

  /** With the routes of features, too. */
  static TestHub startWith(
      Function<Vertx, Consumer<Router>> ops, BiFunction<Vertx, Database, List<ApiRoutes>> features)
      throws Exception {
    return new TestHub(new Limits(), ops, features);
  }

  int port() {
    return verticle.port();
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path));
  }

  HttpResponse<String> get(String path) throws Exception {
    return client.send(request(path).build(), HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> getAs(String token, String path) throws Exception {
    return client.send(
        request(path).header("authorization", "Bearer " + token).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        request(path)
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .header("content-type", "application/json");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  Raw raw() throws IOException {
    return new Raw(port());
  }

  @Override
  public void close() throws Exception {
    get(vertx.undeploy(verticle.deploymentID()));
    get(chats.close());
    get(database.close());
    get(vertx.close());
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    }
  }

  /** A client that says byte by byte what it sends, and sees what arrives. */
  static final class Raw implements AutoCloseable {
    final Socket socket;
    private final InputStream input;

    Raw(int port) throws IOException {
      socket = new Socket("127.0.0.1", port);
      socket.setSoTimeout(10_000);
      input = new java.io.BufferedInputStream(socket.getInputStream());
    }

    Raw send(String text) throws IOException {
      socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      return this;
    }

    Raw post(String path, String version, String body, String... headers) throws IOException {
      StringBuilder head =
          new StringBuilder("POST " + path + " HTTP/" + version + "\r\nhost: localhost\r\n");
      for (String header : headers) {
        head.append(header).append("\r\n");
      }
      head.append("content-length: ")
          .append(body.getBytes(StandardCharsets.UTF_8).length)
          .append("\r\n\r\n");
      return send(head + body);
    }

    /** Reads until the text has come, and returns all that has. */
    String until(String text) throws IOException {
      java.io.ByteArrayOutputStream read = new java.io.ByteArrayOutputStream();
      byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
      InputStream in = input;
      int matched = 0;
      // No text looked for here begins anew within itself, so that one position is enough.
      while (matched < wanted.length) {
        int next = in.read();
        if (next < 0) {
          throw new AssertionError("closed after: " + read.toString(StandardCharsets.UTF_8));
        }
        read.write(next);
        matched = next == wanted[matched] ? matched + 1 : next == wanted[0] ? 1 : 0;
      }
      return read.toString(StandardCharsets.UTF_8);
    }

    /** Reads until the hub closes the connection. */
    String all() throws IOException {
      return new String(input.readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  /** Two models: {@code m1} and {@code org/m2}. */
  static final class Models implements ModelCatalogue {
    volatile List<ModelInfo> models =
        List.of(
            new ModelInfo("m1", "demo", "muster", 1_700_000_000, 8192),
            new ModelInfo("org/m2", "openai", null, 0, 0));

    @Override
    public List<ModelInfo> models() {
      return models;
    }

    @Override
    public Optional<String> defaultModel() {
      return models.stream().map(ModelInfo::id).findFirst();
    }

    @Override
    public boolean knows(String model) {
      return models.stream()
          .anyMatch(m -> m.id().equals(model) || (m.provider() + "/" + m.id()).equals(model));
    }

    @Override
    public int contextTokens(String model) {
      return 8192;
    }
  }

  /** The settings of a test; what it does not change is as by default. */
  static final class Limits {
    List<String> apiKeys = List.of();
    List<String> hosts = List.of();
    long maxBodyBytes = 1 << 20;
    int maxHeaderBytes = 8192;
    int maxConnections = 1000;
    int maxInFlight = 1000;
    int maxStreams = 1000;
    int maxJsonDepth = 50;
    long readTimeoutMs = 10_000;
    long idleTimeoutMs = 10_000;
    long stallTimeoutMs = 10_000;
    long keepAliveMs;
    long jobTimeoutMs = 60_000;
    BiFunction<Vertx, Database, QuotaGate> quotas = (vertx, database) -> QuotaGate.OPEN;

    HttpOptions options() {
      return new HttpOptions(
          "127.0.0.1",
          0,
          apiKeys,
          hosts,
          maxBodyBytes,
          maxHeaderBytes,
          maxConnections,
          maxInFlight,
          maxStreams,
          64 << 20,
          maxJsonDepth,
          readTimeoutMs,
          idleTimeoutMs,
          stallTimeoutMs,
          keepAliveMs,
          jobTimeoutMs,
          2_000,
          false);
    }
  }
}
