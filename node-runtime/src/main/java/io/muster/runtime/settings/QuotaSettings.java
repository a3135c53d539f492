package io.muster.runtime.settings;

import java.util.List;

/** How much nodes and API keys may use where no rule says otherwise, and the LLM proxy's bounds. */
public final class QuotaSettings {
  static final Group GROUP = Group.ofHub("Quotas and the LLM proxy");
  private static final int MAX_BURST = 10;
  private static final int DAY_MS = 86_400_000;
  private static final String NO_LIMIT = "; -1: no limit.";

  public static final Setting<Integer> NODE_MAX_REQUESTS_PER_MINUTE =
      GROUP.number(
          "NODE_MAX_REQUESTS_PER_MINUTE",
          -1,
          30,
          "Requests to models that a node may make through the hub in a minute, on average over"
              + " `NODE_BURST_MULTIPLIER` minutes"
              + NO_LIMIT);
  public static final Setting<Integer> NODE_MAX_TOKENS_PER_DAY =
      GROUP.number(
          "NODE_MAX_TOKENS_PER_DAY",
          -1,
          200_000,
          "Tokens a node may use in a day of UTC, prompts and answers" + NO_LIMIT);
  public static final Setting<Integer> NODE_MAX_CONCURRENT_STREAMS =
      GROUP.number(
          "NODE_MAX_CONCURRENT_STREAMS", -1, 3, "Streams a node may have at once" + NO_LIMIT);
  public static final Setting<Integer> NODE_BURST_MULTIPLIER =
      GROUP.number(
          "NODE_BURST_MULTIPLIER",
          1,
          MAX_BURST,
          2,
          "Over how many minutes a node's rate of requests is held: as many minutes' worth of"
              + " requests may come at once.");
  public static final Setting<Integer> KEY_MAX_REQUESTS_PER_MINUTE =
      GROUP.number("KEY_MAX_REQUESTS_PER_MINUTE", -1, -1, "The same for each API key" + NO_LIMIT);
  public static final Setting<Integer> KEY_MAX_TOKENS_PER_DAY =
      GROUP.number("KEY_MAX_TOKENS_PER_DAY", -1, -1, "The same for each API key" + NO_LIMIT);
  public static final Setting<Integer> KEY_MAX_CONCURRENT_STREAMS =
      GROUP.number("KEY_MAX_CONCURRENT_STREAMS", -1, -1, "The same for each API key" + NO_LIMIT);
  public static final Setting<Integer> KEY_BURST_MULTIPLIER =
      GROUP.number("KEY_BURST_MULTIPLIER", 1, MAX_BURST, 2, "The same for each API key.");
  public static final Setting<Integer> QUOTA_ANSWER_TOKENS =
      GROUP.number(
          "QUOTA_ANSWER_TOKENS",
          0,
          1024,
          "Tokens that are reserved for an answer whose request has no `max_tokens`.");
  public static final Setting<Integer> QUOTA_LEASE_MS =
      GROUP.number(
          "QUOTA_LEASE_MS",
          500,
          DAY_MS,
          30_000,
          "After so long what a dead hub had reserved is free again.");
  public static final Setting<Integer> LLM_MAX_REQUESTS_PER_NODE =
      GROUP.number(
          "LLM_MAX_REQUESTS_PER_NODE", 1, 32, "`llm_request`s of one node that run at once.");
  public static final Setting<Integer> LLM_KEEP_ALIVE_MS =
      GROUP.number(
          "LLM_KEEP_ALIVE_MS",
          0,
          DAY_MS,
          15_000,
          "A node's stream that is silent for so long gets a frame with an empty chunk; 0: never.");
  public static final Setting<Integer> LLM_CHUNK_EVENT_INTERVAL_MS =
      GROUP.number(
          "LLM_CHUNK_EVENT_INTERVAL_MS",
          0,
          DAY_MS,
          1000,
          "Of each stream of a node at most one `llm_proxy_stream_chunk` event in so long; 0: none.");

  private QuotaSettings() {}

  /** In the order they are shown. */
  public static List<Setting<?>> all() {
    return GROUP.settings();
  }
}
