package io.muster.runtime.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Every setting there is, one name each, the same in the environment and in {@code conf/*.json}.
 * Times end in {@code _MS} and are milliseconds; sizes end in {@code _BYTES} or {@code _MB}.
 */
public final class Catalogue {
  private static final List<String> HTTP_URL = List.of("http", "https");
  private static final List<String> HTTP_OR_WEBSOCKET_URL = List.of("http", "https", "ws", "wss");
  private static final int MAX_PORT = 65_535;
  private static final int DAY_MS = 86_400_000;

  // ---------------------------------------------------------------------------------------------
  private static final Group HUB = Group.ofHub("Hub");

  public static final Setting<Integer> ROOT_NODE_PORT =
      HUB.number(
          "ROOT_NODE_PORT",
          0,
          MAX_PORT,
          3000,
          "Port of the hub's HTTP; 0 takes a free one.",
          "PORT");
  public static final Setting<String> ROOT_NODE_HOST =
      HUB.text(
          "ROOT_NODE_HOST",
          "host name or address",
          "127.0.0.1",
          "Interface of the hub's HTTP. Off loopback the hub wants `API_KEYS` (or"
              + " `ALLOW_ANONYMOUS=true`) and a strong `ROOT_NODE_SECRET`.",
          "HOST");
  public static final Setting<List<String>> API_KEYS =
      HUB.secrets("API_KEYS", "Keys that clients must present to `/v1` and `/api`; none: open.");
  public static final Setting<Boolean> ALLOW_ANONYMOUS =
      HUB.flag(
          "ALLOW_ANONYMOUS", false, "Lets a hub off loopback serve clients that present no key.");
  public static final Setting<List<URI>> WORKERS =
      HUB.urls(
          "WORKERS",
          HTTP_URL,
          "The workers that are expected: probed, and shown as `unknown` while not on the bus.");
  public static final Setting<Integer> HEALTH_CHECK_INTERVAL_MS =
      HUB.number(
          "HEALTH_CHECK_INTERVAL_MS", 100, DAY_MS, 10_000, "How often `WORKERS` are probed.");

  // ---------------------------------------------------------------------------------------------
  private static final Group DISPATCH = Group.ofHub("Dispatch");

  public static final Setting<String> LOAD_BALANCE_STRATEGY =
      DISPATCH.choice(
          "LOAD_BALANCE_STRATEGY",
          List.of("least-connections", "round-robin", "random", "power-of-two", "session"),
          "least-connections",
          "How a worker is chosen among those that can take a job.");
  public static final Setting<Integer> WORKER_TIMEOUT_MS =
      DISPATCH.number(
          "WORKER_TIMEOUT_MS",
          100,
          DAY_MS,
          30_000,
          "The longest silence of a worker on a job before it counts as lost.");
  public static final Setting<Integer> QUEUE_SIZE =
      DISPATCH.number(
          "QUEUE_SIZE", 0, 1_000_000, 1024, "Jobs that may wait for a worker; beyond: 429.");
  public static final Setting<Integer> QUEUE_TIMEOUT_MS =
      DISPATCH.number(
          "QUEUE_TIMEOUT_MS", 0, DAY_MS, 60_000, "The longest a job waits in the queue.");
  public static final Setting<Integer> JOB_TIMEOUT_MS =
      DISPATCH.number(
          "JOB_TIMEOUT_MS", 100, DAY_MS, 600_000, "The longest a job may take, waiting included.");
  public static final Setting<Integer> JOB_MAX_TRIES =
      DISPATCH.number(
          "JOB_MAX_TRIES", 1, 20, 3, "Workers a job is tried on before its first token, in all.");
  public static final Setting<Integer> RETRY_BUDGET_PERCENT =
      DISPATCH.number(
          "RETRY_BUDGET_PERCENT",
          0,
          100,
          20,
          "Second tries allowed, in percent of the first ones.");
  public static final Setting<Integer> RETRY_BUDGET_MIN_PER_SECOND =
      DISPATCH.number(
          "RETRY_BUDGET_MIN_PER_SECOND", 0, 100_000, 10, "Second tries always allowed a second.");
  public static final Setting<Integer> EJECT_AFTER_FAILURES =
      DISPATCH.number(
          "EJECT_AFTER_FAILURES", 1, 10_000, 5, "Failures in a row that set a worker aside.");
  public static final Setting<Integer> EJECT_BASE_MS =
      DISPATCH.number(
          "EJECT_BASE_MS", 1, DAY_MS, 1000, "For how long at first; it doubles each time.");
  public static final Setting<Integer> EJECT_MAX_MS =
      DISPATCH.number("EJECT_MAX_MS", 1, DAY_MS, 60_000, "For how long at most.");
  public static final Setting<Integer> STREAM_BUFFER_BYTES =
      DISPATCH.number(
          "STREAM_BUFFER_BYTES", 0, 1 << 30, 1 << 20, "How much of each stream's text is kept.");
  public static final Setting<Integer> STREAM_CREDIT_FRAMES =
      DISPATCH.number(
          "STREAM_CREDIT_FRAMES",
          1,
          100_000,
          32,
          "Frames a worker may send ahead of what the client has taken.");

  // ---------------------------------------------------------------------------------------------
  private static final Group LIMITS = Group.ofBoth("Limits");

  public static final Setting<Integer> MAX_BODY_BYTES =
      LIMITS.number("MAX_BODY_BYTES", 1024, 20_971_520, "The biggest request body; beyond: 413.");
  public static final Setting<Integer> MAX_JSON_DEPTH =
      LIMITS.number("MAX_JSON_DEPTH", 4, 1000, 64, "How deep a request's JSON may be nested.");
  public static final Setting<Integer> MAX_HEADER_BYTES =
      LIMITS.number(
          "MAX_HEADER_BYTES", 1024, 1 << 20, 16_384, "All header fields together; beyond: 431.");
  public static final Setting<List<String>> HTTP_HOSTS =
      LIMITS.names(
          "HTTP_HOSTS",
          "Names beside `localhost` that clients may call it by, between commas, while it is on"
              + " loopback without `API_KEYS`; such as a reverse proxy's.");
  public static final Setting<Integer> MAX_CONNECTIONS =
      LIMITS.number("MAX_CONNECTIONS", 1, 1_000_000, 10_000, "Connections at once.");
  public static final Setting<Integer> MAX_IN_FLIGHT =
      LIMITS.number("MAX_IN_FLIGHT", 1, 1_000_000, 4096, "Requests for answers at once.");
  public static final Setting<Integer> MAX_STREAMS =
      LIMITS.number("MAX_STREAMS", 1, 1_000_000, 2048, "Streams among them.");
  public static final Setting<Integer> HTTP_IDLE_TIMEOUT_MS =
      LIMITS.number(
          "HTTP_IDLE_TIMEOUT_MS", 0, DAY_MS, 75_000, "An idle connection is closed; 0: never.");
  public static final Setting<Integer> HTTP_READ_TIMEOUT_MS =
      LIMITS.number(
          "HTTP_READ_TIMEOUT_MS",
          100,
          DAY_MS,
          30_000,
          "How long a client may take to send a request.");
  public static final Setting<Integer> HTTP_WRITE_TIMEOUT_MS =
      LIMITS.number(
          "HTTP_WRITE_TIMEOUT_MS",
          100,
          DAY_MS,
          60_000,
          "How long a client may leave a stream unread.");
  public static final Setting<Integer> STREAM_KEEP_ALIVE_MS =
      LIMITS.number(
          "STREAM_KEEP_ALIVE_MS",
          100,
          DAY_MS,
          10_000,
          "Silence after which a stream gets a comment.");

  // ---------------------------------------------------------------------------------------------
  private static final Group SESSIONS = Group.ofHub("Sessions and storage");

  public static final Setting<String> DATABASE_URL =
      SESSIONS.text(
          "DATABASE_URL",
          "postgres://user:password@host:port/name or jdbc:postgresql:…",
          null,
          "PostgreSQL instead of the embedded database under `DATA_DIR`; needed for several hubs.");
  public static final Setting<Integer> DATABASE_POOL_SIZE =
      SESSIONS.number("DATABASE_POOL_SIZE", 1, 1000, 8, "Connections to the database at once.");
  public static final Setting<Integer> DATABASE_TIMEOUT_MS =
      SESSIONS.number(
          "DATABASE_TIMEOUT_MS", 100, DAY_MS, 10_000, "The longest a statement may take.");
  public static final Setting<Integer> SESSION_IDLE_MINUTES =
      SESSIONS.number(
          "SESSION_IDLE_MINUTES", 0, 5_256_000, 1440, "Idle sessions are forgotten; 0: never.");
  public static final Setting<Integer> SESSION_CONTEXT_TOKENS =
      SESSIONS.number(
          "SESSION_CONTEXT_TOKENS",
          256,
          100_000_000,
          8192,
          "How much of a session goes to a model that does not tell its own context.");
  public static final Setting<Integer> SESSION_MAX_TURNS =
      SESSIONS.number("SESSION_MAX_TURNS", 1, 1_000_000, 1000, "Turns of a session that are kept.");
  public static final Setting<String> SESSION_SYSTEM_PROMPT =
      SESSIONS.text("SESSION_SYSTEM_PROMPT", "text", null, "What every new session begins with.");

  // ---------------------------------------------------------------------------------------------
  private static final Group WORKER = Group.ofWorker("Worker");

  public static final Setting<String> WORKER_ID =
      WORKER.name(
          "WORKER_ID",
          null,
          "The worker's id, the same over restarts; made and kept under `DATA_DIR` when not given.");
  public static final Setting<Integer> WORKER_PORT =
      WORKER.number(
          "WORKER_PORT",
          0,
          MAX_PORT,
          3001,
          "Port of the worker's HTTP; 0 takes a free one.",
          "PORT");
  public static final Setting<String> WORKER_HOST =
      WORKER.text(
          "WORKER_HOST",
          "host name or address",
          "127.0.0.1",
          "Interface of the worker's HTTP, which tells health and figures only.",
          "HOST");
  public static final Setting<URI> ROOT_NODE_URL =
      WORKER.url(
          "ROOT_NODE_URL",
          HTTP_OR_WEBSOCKET_URL,
          null,
          "Where the hub is; with no `CLUSTER_MEMBERS` the worker joins it by one outbound"
              + " WebSocket (see `NODE_LINK`).",
          "CENTRAL_SERVER_URL",
          "CENTRAL_SERVER_WS_URL",
          "PHOENIX_API_URL",
          "central_platform.api_url");
  public static final Setting<Integer> WORKER_MAX_CONCURRENT =
      WORKER.number(
          "WORKER_MAX_CONCURRENT",
          1,
          100_000,
          64,
          "Jobs the worker takes at once, and as many tasks.");
  public static final Setting<Boolean> ENABLE_WEB_SEARCH =
      WORKER.flag(
          "ENABLE_WEB_SEARCH", false, "Offers `web_search`; see SEARXNG_URL and SEARCH_API_KEY.");
  public static final Setting<Boolean> ENABLE_CODE_EXEC =
      WORKER.flag("ENABLE_CODE_EXEC", false, "Offers `code_exec`: runs code in a sandbox.");
  public static final Setting<Boolean> ENABLE_FILE_TOOLS =
      WORKER.flag(
          "ENABLE_FILE_TOOLS",
          false,
          "Offers `file_list`, `file_read`, `file_write`, `file_search` below FILE_TOOLS_ROOT.");

  // ---------------------------------------------------------------------------------------------
  private static final Group NODE = Group.ofBoth("This node");

  public static final Setting<String> NODE_NAME =
      NODE.text("NODE_NAME", "text", null, "Its name for people; the host's name when not given.");
  public static final Setting<String> NODE_LOCATION =
      NODE.text("NODE_LOCATION", "text", null, "Where it is, for people.");
  public static final Setting<URI> NODE_ENDPOINT =
      NODE.url("NODE_ENDPOINT", HTTP_URL, null, "Where others reach its HTTP, when not as bound.");
  public static final Setting<String> DEFAULT_MODEL =
      NODE.text(
          "DEFAULT_MODEL",
          "a model's id",
          null,
          "The model of requests that name none; else the first one of the first provider.");
  public static final Setting<String> METRICS_TOKEN =
      NODE.secret("METRICS_TOKEN", "A key that opens `/metrics` alone, for the one who scrapes.");
  public static final Setting<Boolean> METRICS_PUBLIC =
      NODE.flag(
          "METRICS_PUBLIC",
          false,
          "Opens `/metrics` to everybody, though keys are set or it is off loopback.");
  public static final Setting<String> ROOT_NODE_SECRET =
      NODE.secret(
          "ROOT_NODE_SECRET",
          "What nodes admit each other by: the same on all, at least 16 characters, best random.");

  // ---------------------------------------------------------------------------------------------
  private static final Group PROVIDERS = Group.ofBoth("Providers");

  public static final Setting<String> OPENAI_API_KEY =
      PROVIDERS.secret("OPENAI_API_KEY", "Key for OpenAI, or for the server at `OPENAI_BASE_URL`.");
  public static final Setting<URI> OPENAI_BASE_URL =
      PROVIDERS.url(
          "OPENAI_BASE_URL",
          HTTP_URL,
          "https://api.openai.com/v1",
          "Any server that speaks OpenAI's protocol; set it without a key for one that wants none.");
  public static final Setting<String> ANTHROPIC_API_KEY =
      PROVIDERS.secret("ANTHROPIC_API_KEY", "Key for Anthropic.");
  public static final Setting<URI> ANTHROPIC_BASE_URL =
      PROVIDERS.url(
          "ANTHROPIC_BASE_URL",
          HTTP_URL,
          "https://api.anthropic.com",
          "Where its protocol is spoken.");
  public static final Setting<String> ANTHROPIC_VERSION =
      PROVIDERS.text("ANTHROPIC_VERSION", "date", "2023-06-01", "The `anthropic-version` header.");
  public static final Setting<Integer> ANTHROPIC_MAX_TOKENS =
      PROVIDERS.number(
          "ANTHROPIC_MAX_TOKENS",
          1,
          4096,
          "`max_tokens` where a request names none: it must there.");
  public static final Setting<URI> OLLAMA_URL =
      PROVIDERS.url("OLLAMA_URL", HTTP_URL, null, "An Ollama server.");
  public static final Setting<Boolean> OLLAMA_DETECT =
      PROVIDERS.flag("OLLAMA_DETECT", true, "Looks for Ollama at `http://127.0.0.1:11434`.");
  public static final Setting<String> DEMO_MODEL =
      PROVIDERS.choice(
          "DEMO_MODEL",
          List.of("auto", "on", "off"),
          "auto",
          "The built-in `demo` model: only where no other is set (`auto`), always, or never.");
  public static final Setting<Integer> DEMO_TOKEN_DELAY_MS =
      PROVIDERS.number(
          "DEMO_TOKEN_DELAY_MS", 0, 60_000, 0, "Slows the demo model down, for trying things out.");
  public static final Setting<Integer> PROVIDER_CONNECT_TIMEOUT_MS =
      PROVIDERS.number("PROVIDER_CONNECT_TIMEOUT_MS", 10, DAY_MS, 5000, "For a connection.");
  public static final Setting<Integer> PROVIDER_FIRST_TOKEN_TIMEOUT_MS =
      PROVIDERS.number(
          "PROVIDER_FIRST_TOKEN_TIMEOUT_MS", 10, DAY_MS, 120_000, "For the first token.");
  public static final Setting<Integer> PROVIDER_IDLE_TIMEOUT_MS =
      PROVIDERS.number("PROVIDER_IDLE_TIMEOUT_MS", 10, DAY_MS, 60_000, "Between two tokens.");
  public static final Setting<Integer> PROVIDER_POOL_SIZE =
      PROVIDERS.number(
          "PROVIDER_POOL_SIZE",
          1,
          100_000,
          256,
          "Connections to a provider at once; never fewer than `WORKER_MAX_CONCURRENT`.");
  public static final Setting<Integer> PROVIDER_MAX_ANSWER_BYTES =
      PROVIDERS.number(
          "PROVIDER_MAX_ANSWER_BYTES", 1024, 64 << 20, "The biggest answer taken in one piece.");
  public static final Setting<Integer> PROVIDER_REFRESH_MS =
      PROVIDERS.number(
          "PROVIDER_REFRESH_MS", 100, DAY_MS, 30_000, "How often a provider's models are listed.");

  // ---------------------------------------------------------------------------------------------
  private static final Group CLUSTER = Group.ofBoth("Cluster and bus");

  public static final Setting<List<String>> CLUSTER_MEMBERS =
      CLUSTER.hosts(
          "CLUSTER_MEMBERS",
          "Where other members may be found, besides this machine when on loopback.");
  public static final Setting<String> CLUSTER_HOST =
      CLUSTER.text(
          "CLUSTER_HOST",
          "host name or address",
          "127.0.0.1",
          "Interface of the cluster and the bus. Off loopback the bus wants `BUS_TLS_CA`,"
              + " `BUS_TLS_CERT` and `BUS_TLS_KEY`; never one of an open network.");
  public static final Setting<Integer> CLUSTER_PORT =
      CLUSTER.number("CLUSTER_PORT", 1, MAX_PORT, 5701, "The first port tried for the cluster.");
  public static final Setting<Integer> CLUSTER_PORT_COUNT =
      CLUSTER.number("CLUSTER_PORT_COUNT", 1, 1000, 20, "How many ports are tried from there.");
  public static final Setting<String> CLUSTER_NAME =
      CLUSTER.name("CLUSTER_NAME", "muster", "Only members of the same name join.");
  public static final Setting<String> CLUSTER_PUBLIC_ADDRESS =
      CLUSTER.text(
          "CLUSTER_PUBLIC_ADDRESS",
          "host or host:port",
          null,
          "How other members reach the cluster port, when not as bound (NAT, containers).");
  public static final Setting<Path> CLUSTER_CONFIG =
      CLUSTER.path("CLUSTER_CONFIG", null, "A `cluster.xml` instead of the built-in one.");
  public static final Setting<Integer> BUS_PORT =
      CLUSTER.number("BUS_PORT", 0, MAX_PORT, 0, "Port of the event bus; 0 takes a free one.");
  public static final Setting<String> BUS_PUBLIC_HOST =
      CLUSTER.text(
          "BUS_PUBLIC_HOST",
          "host name or address",
          null,
          "How others reach the bus, if not as bound.");
  public static final Setting<Integer> BUS_PUBLIC_PORT =
      CLUSTER.number("BUS_PUBLIC_PORT", 1, MAX_PORT, null, "Likewise, its port.");
  public static final Setting<Path> BUS_TLS_CA =
      CLUSTER.path("BUS_TLS_CA", null, "The CA that signed every node's certificate (PEM).");
  public static final Setting<Path> BUS_TLS_CERT =
      CLUSTER.path("BUS_TLS_CERT", null, "This node's certificate (PEM), made by `scripts/keys`.");
  public static final Setting<Path> BUS_TLS_KEY =
      CLUSTER.path("BUS_TLS_KEY", null, "Its private key (PEM, PKCS#8), readable by nobody else.");
  public static final Setting<Integer> HEARTBEAT_INTERVAL_MS =
      CLUSTER.number("HEARTBEAT_INTERVAL_MS", 50, DAY_MS, 1000, "How often a node says it lives.");
  public static final Setting<Integer> HEARTBEAT_TIMEOUT_MS =
      CLUSTER.number(
          "HEARTBEAT_TIMEOUT_MS", 100, DAY_MS, 5000, "Silence after which it counts as offline.");
  public static final Setting<Integer> WATCHDOG_INTERVAL_MS =
      CLUSTER.number(
          "WATCHDOG_INTERVAL_MS",
          100,
          DAY_MS,
          2000,
          "How often a node checks that its addresses are still found by the others.");

  // ---------------------------------------------------------------------------------------------
  private static final Group PROCESS = Group.ofBoth("Process, logs and data");

  public static final Setting<String> LOG_LEVEL =
      PROCESS.choice(
          "LOG_LEVEL",
          List.of("error", "warn", "info", "debug", "trace"),
          "info",
          "What is logged.",
          "log_level");
  public static final Setting<Boolean> DEBUG =
      PROCESS.flag("DEBUG", false, "True makes `LOG_LEVEL` at least `debug`.");
  public static final Setting<Path> LOG_DIR =
      PROCESS.path("LOG_DIR", "./logs", "Folder of `app.log` and `error.log`.");
  public static final Setting<Integer> LOG_MAX_SIZE_MB =
      PROCESS.number("LOG_MAX_SIZE_MB", 1, 10_000, 20, "A log file of this size is rotated.");
  public static final Setting<Integer> LOG_MAX_FILES =
      PROCESS.number("LOG_MAX_FILES", 1, 20, 5, "How many rotated files are kept of each.");
  public static final Setting<Boolean> ACCESS_LOG =
      PROCESS.flag(
          "ACCESS_LOG",
          false,
          "A line in the log for every request, not only for those that failed in the fleet.");
  public static final Setting<Path> DATA_DIR =
      PROCESS.path("DATA_DIR", "./data", "Folder of what must outlive the process.");
  public static final Setting<Integer> METRICS_INTERVAL_MS =
      PROCESS.number(
          "METRICS_INTERVAL_MS", 100, DAY_MS, 5000, "How often the machine's figures are taken.");
  public static final Setting<Integer> SHUTDOWN_TIMEOUT_MS =
      PROCESS.number(
          "SHUTDOWN_TIMEOUT_MS", 0, DAY_MS, 30_000, "How long a stop waits for what still runs.");

  private static final List<Setting<?>> ALL =
      Stream.of(
              List.of(HUB, DISPATCH, LIMITS, QuotaSettings.GROUP, SESSIONS, EventSettings.GROUP),
              List.of(AdminSettings.ADMINISTRATION),
              List.of(
                  TaskSettings.OF_HUB,
                  TunnelSettings.OF_HUB,
                  ContainerSettings.OF_HUB,
                  McpSettings.OF_HUB),
              ToolSettings.OF_HUB,
              List.of(WORKER, EdgeSettings.GROUP, TaskSettings.OF_WORKER, NodeApiSettings.GROUP),
              ToolSettings.OF_WORKER,
              List.of(
                  GpuSettings.GROUP,
                  ContainerSettings.OF_WORKER,
                  TunnelSettings.OF_WORKER,
                  McpSettings.OF_WORKER,
                  NODE),
              List.of(AdminSettings.STEERED),
              IdentitySettings.GROUPS,
              GatewaySettings.GROUPS,
              MonitorSettings.GROUPS,
              SocketSettings.GROUPS,
              List.of(PROVIDERS, CLUSTER, PROCESS))
          .flatMap(List::stream)
          .<Setting<?>>flatMap(group -> group.settings().stream())
          .toList();

  private Catalogue() {}

  /** All settings, in the order they are shown. */
  public static List<Setting<?>> all() {
    return ALL;
  }

  /** Those that mean something to a process of this role. */
  static Stream<Setting<?>> of(Role role) {
    return ALL.stream().filter(setting -> setting.appliesTo(role));
  }
}
