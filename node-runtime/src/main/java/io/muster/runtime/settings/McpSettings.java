package io.muster.runtime.settings;

import java.util.List;

/** The settings of MCP: the hub's server, and the servers whose tools a worker brings in. */
public final class McpSettings {
  private static final int DAY_MS = 86_400_000;

  // ---------------------------------------------------------------------------------------------
  static final Group OF_HUB = Group.ofHub("MCP");

  public static final Setting<Boolean> MCP =
      OF_HUB.flag("MCP", true, "Serves the tools of all nodes at `/mcp`, to whoever may chat.");
  public static final Setting<List<String>> MCP_ORIGINS =
      OF_HUB.names(
          "MCP_ORIGINS",
          "Web pages that may use `/mcp`, such as `https://app.example.org`, between commas; pages"
              + " of this machine always may.");
  public static final Setting<Integer> MCP_MAX_SESSIONS =
      OF_HUB.number(
          "MCP_MAX_SESSIONS",
          1,
          1_000_000,
          1_000,
          "Sessions of MCP 2025-11-25 and before; beyond, the one unused for longest goes.");
  public static final Setting<Integer> MCP_SESSION_IDLE_MS =
      OF_HUB.number(
          "MCP_SESSION_IDLE_MS", 1_000, DAY_MS, 3_600_000, "A session unused for so long ends.");
  public static final Setting<Integer> MCP_MAX_STREAMS =
      OF_HUB.number(
          "MCP_MAX_STREAMS", 1, 100_000, 500, "Streams that wait for changes of the tools.");
  public static final Setting<Integer> MCP_MAX_CALLS =
      OF_HUB.number("MCP_MAX_CALLS", 1, 100_000, 256, "Calls of tools at once; more get 429.");
  public static final Setting<Integer> MCP_CALL_TIMEOUT_MS =
      OF_HUB.number(
          "MCP_CALL_TIMEOUT_MS",
          1,
          DAY_MS,
          300_000,
          "How long a call may take, waiting for a node included.");
  public static final Setting<Integer> MCP_STREAM_AFTER_MS =
      OF_HUB.number(
          "MCP_STREAM_AFTER_MS",
          0,
          DAY_MS,
          2_000,
          "A call that takes longer is answered as a stream, which is kept alive.");
  public static final Setting<Integer> MCP_LIST_TTL_MS =
      OF_HUB.number(
          "MCP_LIST_TTL_MS", 0, DAY_MS, 5_000, "How long clients may take a list for current.");

  // ---------------------------------------------------------------------------------------------
  static final Group OF_WORKER = Group.ofWorker("MCP servers");

  public static final Setting<List<String>> MCP_SERVERS =
      OF_WORKER.names(
          "MCP_SERVERS",
          "MCP servers whose tools this worker offers as `NAME__TOOL`, between commas:"
              + " `NAME=https://host/mcp` (streamable HTTP) or `NAME=stdio:COMMAND ARGUMENT …`.");
  public static final Setting<List<String>> MCP_TOKENS =
      OF_WORKER.secrets(
          "MCP_TOKENS", "Bearer tokens for them, between commas: `NAME=TOKEN`; HTTP only.");
  public static final Setting<Integer> MCP_SERVER_TIMEOUT_MS =
      OF_WORKER.number(
          "MCP_SERVER_TIMEOUT_MS",
          100,
          DAY_MS,
          15_000,
          "How long a server may take to begin, to list its tools, or to answer a ping.");
  public static final Setting<Integer> MCP_SERVER_PING_MS =
      OF_WORKER.number(
          "MCP_SERVER_PING_MS",
          100,
          DAY_MS,
          15_000,
          "How often a server is asked whether it is there.");
  public static final Setting<Integer> MCP_SERVER_RETRY_MS =
      OF_WORKER.number(
          "MCP_SERVER_RETRY_MS",
          10,
          DAY_MS,
          60_000,
          "The longest pause before a server that is away is looked for again; the first is a"
              + " second.");
  public static final Setting<Integer> MCP_SERVER_MAX_TOOLS =
      OF_WORKER.number(
          "MCP_SERVER_MAX_TOOLS", 1, 10_000, 100, "Tools taken from one server; the rest is left.");
  public static final Setting<Integer> MCP_SERVER_MAX_BYTES =
      OF_WORKER.number(
          "MCP_SERVER_MAX_BYTES",
          1_024,
          1_000_000_000,
          4_194_304,
          "The longest answer of a server.");

  private McpSettings() {}
}
