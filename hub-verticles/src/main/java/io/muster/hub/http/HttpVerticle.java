package io.muster.hub.http;

import io.muster.hub.chat.ChatService;
import io.muster.hub.dispatch.Dispatch;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.NetClient;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hub's HTTP server: the table of its routes, and the limits of its connections. All of it runs
 * on the one event loop that the verticle is deployed on.
 */
public final class HttpVerticle extends VerticleBase {
  private static final Logger log = LoggerFactory.getLogger(HttpVerticle.class);

  private final HttpOptions options;
  private final Admission admission;
  private final Dispatch dispatch;
  private final ModelCatalogue catalogue;
  private final ChatService chats;
  private final Consumer<Router> ops;
  private final List<ApiRoutes> features;
  private final HttpObserver observer;
  private final String version;
  private final Clock clock;
  private CompanionDesk companions = CompanionDesk.NONE;
  private ToolDesk tools = ToolDesk.NONE;
  private HttpServer server;
  private Router router;
  private Connections connections;
  private Exchanges exchanges;

  /**
   * The server, not yet listening.
   *
   * @param dispatch takes the jobs
   * @param catalogue tells the models
   * @param chats keeps the sessions; started
   * @param ops adds the routes of health, metrics and information
   * @param features add the routes of everything else
   * @param version of Muster
   */
  public HttpVerticle(
      HttpOptions options,
      Admission admission,
      Dispatch dispatch,
      ModelCatalogue catalogue,
      ChatService chats,
      Consumer<Router> ops,
      List<ApiRoutes> features,
      HttpObserver observer,
      String version,
      Clock clock) {
    this.options = options;
    this.admission = admission;
    this.dispatch = dispatch;
    this.catalogue = catalogue;
    this.chats = chats;
    this.ops = ops;
    this.features = List.copyOf(features);
    this.observer = observer;
    this.version = version;
    this.clock = clock;
  }

  /** Lets clients talk to these, too; to be called before it is deployed. */
  public HttpVerticle companions(CompanionDesk desk) {
    companions = desk;
    return this;
  }

  /** Lets chats use these; to be called before it is deployed. */
  public HttpVerticle tools(ToolDesk desk) {
    tools = desk;
    return this;
  }

  @Override
  public Future<?> start() {
    connections = new Connections(options, observer);
    Bodies bodies = new Bodies(options);
    Streams streams = new Streams(context, options.stallTimeoutMs(), options.keepAliveMs());
    exchanges = new Exchanges(vertx, connections, observer, options.accessLog());
    vertx.setPeriodic(
        sweepMs(),
        id -> {
          connections.sweep();
          bodies.sweep();
          streams.sweep();
        });
    router = routes(bodies, streams);
    server =
        vertx
            .createHttpServer(serverOptions())
            .connectionHandler(connections::opened)
            .exceptionHandler(e -> log.debug("a connection failed: {}", e.toString()))
            .invalidRequestHandler(InvalidRequest::answer)
            .requestHandler(router);
    return server
        .listen()
        .compose(listening -> firstConnection(listening.actualPort()))
        .onSuccess(v -> log.info("listening on http://{}:{}", options.host(), port()));
  }

  /**
   * The server's gate can only be put up by an accepted connection, so the hub makes the first one.
   */
  private Future<Void> firstConnection(int port) {
    String host = options.host();
    boolean anywhere = host.equals("0.0.0.0") || host.equals("::");
    NetClient client = vertx.createNetClient();
    return client
        .connect(port, anywhere ? "127.0.0.1" : host)
        .compose(
            socket -> {
              Promise<Void> closed = Promise.promise();
              socket.handler(answer -> {}).closeHandler(closed::tryComplete);
              return socket.write("HEAD / HTTP/1.0\r\n\r\n").compose(v -> closed.future());
            })
        .otherwiseEmpty()
        .eventually(client::close);
  }

  /** What is asked where; the hot ones first. */
  private Router routes(Bodies bodies, Streams streams) {
    Jobs jobs = new Jobs(catalogue, options.jobTimeoutMs());
    JsonInput input = new JsonInput(options.maxJsonDepth());
    OpenAiApi openAi =
        new OpenAiApi(
            vertx,
            bodies,
            new ChatRequestReader(input),
            jobs,
            admission,
            dispatch,
            streams,
            new ModelList(catalogue),
            input,
            tools);
    NativeApi natives =
        new NativeApi(
            chats,
            jobs,
            catalogue,
            admission,
            dispatch,
            streams,
            new NativeJson(clock),
            companions,
            tools);
    OllamaApi ollama =
        new OllamaApi(
            jobs, catalogue, admission, dispatch, streams, new OllamaJson(clock), version);
    ChatApi chat = new ChatApi(vertx, bodies, input, natives, ollama);
    About about = new About(version);

    Router table = Router.router(vertx);
    table.route().handler(exchanges::open);
    if (KnownHosts.neededBy(options)) {
      table.route().handler(new KnownHosts(options.hosts()));
    }
    guarded(table.post("/v1/chat/completions"), openAi::chatCompletions);
    guarded(table.get("/v1/models"), openAi::listModels);
    guarded(table.get("/v1/models/*"), openAi::showModel);
    guarded(table.post("/api/chat"), chat::chat);
    guarded(table.get("/api/sessions/:id"), natives::show);
    guarded(table.delete("/api/sessions/:id"), natives::delete);
    guarded(table.get("/api/tags"), ollama::tags);
    guarded(table.post("/api/show"), chat::show);
    guarded(table.get("/api/version"), ollama::version);
    table.get("/").handler(about::hub);
    table.get("/openapi.json").handler(about::openApi);
    ops.accept(table);
    Api api = new Api(vertx, bodies, input, this::named, exchanges);
    features.forEach(feature -> feature.add(table, api));
    new UnknownRoutes(table).install();
    return table;
  }

  /** For those who may call; the routes of health and metrics have rules of their own. */
  private void guarded(Route route, Handler<RoutingContext> handler) {
    route.handler(this::identify).handler(handler);
  }

  private void identify(RoutingContext ctx) {
    try {
      named(ctx);
    } catch (ApiException refused) {
      Exchange.of(ctx).fail(refused.error());
      return;
    }
    ctx.next();
  }

  private void named(RoutingContext ctx) {
    Exchange.of(ctx).caller(admission.identify(ctx.request()));
  }

  private HttpServerOptions serverOptions() {
    return new HttpServerOptions()
        .setHost(options.host())
        .setPort(options.port())
        .setAcceptBacklog(4096)
        .setTcpNoDelay(true) // a token must not wait 40 ms for an acknowledgement
        // CVE-2026-102467: Vert.x 5.0 up to 5.0.12 inflates WebSocket messages without a bound.
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        // Twice what a node may send: what is only a little too big gets an answer.
        .setMaxWebSocketFrameSize(HttpOptions.MAX_WEBSOCKET_FRAME_BYTES)
        .setMaxInitialLineLength(HttpOptions.MAX_URI_BYTES)
        .setMaxHeaderSize(options.maxHeaderBytes())
        // All answers are written on the event loop: they need no queue between threads.
        .setStrictThreadMode(true)
        .setHttp2ClearTextEnabled(true)
        .setInitialSettings(
            new Http2Settings()
                .setMaxConcurrentStreams(256)
                .setMaxHeaderListSize(options.maxHeaderBytes()));
  }

  /** Often enough for the shortest time-out, seldom enough to cost nothing. */
  private long sweepMs() {
    long shortest =
        Math.min(
            Math.min(options.readTimeoutMs(), options.stallTimeoutMs()),
            Math.min(orNever(options.idleTimeoutMs()), orNever(options.keepAliveMs())));
    return Math.max(20, Math.min(1000, shortest / 4));
  }

  private static long orNever(long ms) {
    return ms > 0 ? ms : Long.MAX_VALUE;
  }

  /** Where it listens; 0 before it does. */
  public int port() {
    return server == null ? 0 : server.actualPort();
  }

  /** The table of routes. */
  Router router() {
    return router;
  }

  /** Connections that are open. */
  public int openConnections() {
    return connections == null ? 0 : connections.size();
  }

  @Override
  public Future<?> stop() {
    if (server == null) {
      return Future.succeededFuture();
    }
    exchanges.stop();
    return server.shutdown(options.drainMs(), TimeUnit.MILLISECONDS);
  }
}
