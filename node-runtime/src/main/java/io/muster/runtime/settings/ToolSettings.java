package io.muster.runtime.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** The settings of tools: what chats may do with them at the hub, and what a worker offers. */
public final class ToolSettings {
  private static final int DAY_MS = 86_400_000;
  private static final List<String> HTTP = List.of("http", "https");

  // ---------------------------------------------------------------------------------------------
  private static final Group CHATS = Group.ofHub("Tools in chats");

  public static final Setting<Integer> TOOL_MAX_ROUNDS =
      CHATS.number(
          "TOOL_MAX_ROUNDS",
          1,
          100,
          8,
          "How often a model may call tools in one chat; then it has to answer.");
  public static final Setting<Integer> TOOL_MAX_CALLS =
      CHATS.number("TOOL_MAX_CALLS", 1, 256, 16, "Tools that one answer of a model may call.");
  public static final Setting<Integer> TOOL_CHAT_TIMEOUT_MS =
      CHATS.number(
          "TOOL_CHAT_TIMEOUT_MS",
          1,
          DAY_MS,
          300_000,
          "How long a chat with tools may take, all rounds and tools included.");
  public static final Setting<Integer> TOOL_CALL_TIMEOUT_MS =
      CHATS.number(
          "TOOL_CALL_TIMEOUT_MS",
          1,
          DAY_MS,
          60_000,
          "How long one call may take, waiting for a node included.");
  public static final Setting<Integer> TOOL_RESULT_MAX_CHARS =
      CHATS.number(
          "TOOL_RESULT_MAX_CHARS",
          100,
          10_000_000,
          20_000,
          "What a model is shown of one result; the rest is cut.");

  // ---------------------------------------------------------------------------------------------
  private static final Group WEB = Group.ofWorker("Tools: the web");

  public static final Setting<Boolean> ENABLE_WEB_FETCH =
      WEB.flag("ENABLE_WEB_FETCH", false, "Offers `web_fetch`: reads a page of the public web.");
  public static final Setting<URI> SEARXNG_URL =
      WEB.url(
          "SEARXNG_URL",
          HTTP,
          null,
          "The SearXNG that `web_search` asks; its settings have to allow the format `json`.");
  public static final Setting<String> SEARCH_API_KEY =
      WEB.secret(
          "SEARCH_API_KEY", "Brave's search API is asked with this key, where no SearXNG is.");
  public static final Setting<URI> SEARCH_API_URL =
      WEB.url(
          "SEARCH_API_URL",
          HTTP,
          "https://api.search.brave.com/res/v1/web/search",
          "Where Brave's search API is.");
  public static final Setting<Integer> WEB_TIMEOUT_MS =
      WEB.number(
          "WEB_TIMEOUT_MS", 1, DAY_MS, 20_000, "For one search or page, redirects included.");
  public static final Setting<Integer> WEB_MAX_BYTES =
      WEB.number("WEB_MAX_BYTES", 1_024, 64 << 20, 2_097_152, "Of a page; the rest is not read.");
  public static final Setting<Integer> WEB_MAX_CHARS =
      WEB.number(
          "WEB_MAX_CHARS", 100, 10_000_000, 20_000, "Of a page's text, where a call names none.");
  public static final Setting<Integer> WEB_MAX_REDIRECTS =
      WEB.number("WEB_MAX_REDIRECTS", 0, 20, 5, "That a page may lead through.");
  public static final Setting<List<String>> WEB_ALLOWED_HOSTS =
      WEB.names(
          "WEB_ALLOWED_HOSTS",
          "Hosts, addresses and ranges (`10.1.0.0/16`) that `web_fetch` may reach although they are"
              + " not public.");

  // ---------------------------------------------------------------------------------------------
  private static final Group CODE = Group.ofWorker("Tools: running code");

  public static final Setting<String> CODE_EXEC_SANDBOX =
      CODE.choice(
          "CODE_EXEC_SANDBOX",
          List.of("auto", "container", "bubblewrap"),
          "auto",
          "Where code runs: in a container, else (`auto`) in bubblewrap.");
  public static final Setting<String> CODE_EXEC_IMAGE =
      CODE.text(
          "CODE_EXEC_IMAGE",
          "image",
          "python:3-slim",
          "The image of the container, with a shell; pulled where it is not there.");
  public static final Setting<Integer> CODE_EXEC_TIMEOUT_MS =
      CODE.number("CODE_EXEC_TIMEOUT_MS", 100, DAY_MS, 30_000, "After so long a run is killed.");
  public static final Setting<Integer> CODE_EXEC_CPU_SECONDS =
      CODE.number(
          "CODE_EXEC_CPU_SECONDS", 1, 86_400, 20, "Processor time that one process may take.");
  public static final Setting<Integer> CODE_EXEC_MEMORY_MB =
      CODE.number(
          "CODE_EXEC_MEMORY_MB",
          16,
          1 << 20,
          512,
          "Memory of a run in a container; of each of its processes in bubblewrap.");
  public static final Setting<Integer> CODE_EXEC_PIDS =
      CODE.number("CODE_EXEC_PIDS", 2, 10_000, 32, "Processes and threads of a run.");
  public static final Setting<Integer> CODE_EXEC_DISK_MB =
      CODE.number("CODE_EXEC_DISK_MB", 1, 1 << 20, 64, "What a run may write, in memory, to /tmp.");
  public static final Setting<Integer> CODE_EXEC_OUTPUT_BYTES =
      CODE.number(
          "CODE_EXEC_OUTPUT_BYTES",
          1_024,
          16 << 20,
          65_536,
          "What is kept of each of standard output and standard error.");
  public static final Setting<Integer> CODE_EXEC_CONCURRENT =
      CODE.number("CODE_EXEC_CONCURRENT", 1, 64, 2, "Runs at once; more wait.");

  // ---------------------------------------------------------------------------------------------
  private static final Group FILES = Group.ofWorker("Tools: files");

  public static final Setting<Path> FILE_TOOLS_ROOT =
      FILES.path(
          "FILE_TOOLS_ROOT", null, "The folder that the file tools see; they leave it by no path.");
  public static final Setting<Boolean> FILE_TOOLS_READ_ONLY =
      FILES.flag("FILE_TOOLS_READ_ONLY", false, "Leaves `file_write` out.");
  public static final Setting<Integer> FILE_TOOLS_MAX_BYTES =
      FILES.number(
          "FILE_TOOLS_MAX_BYTES", 1, 64 << 20, 524_288, "Of a file that is read or written.");
  public static final Setting<Integer> FILE_TOOLS_MAX_ENTRIES =
      FILES.number(
          "FILE_TOOLS_MAX_ENTRIES", 1, 1_000_000, 1_000, "Of a listing, and matches of a search.");

  static final List<Group> OF_HUB = List.of(CHATS);
  static final List<Group> OF_WORKER = List.of(WEB, CODE, FILES);

  private ToolSettings() {}
}
