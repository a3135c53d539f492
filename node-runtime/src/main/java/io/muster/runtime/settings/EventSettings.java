package io.muster.runtime.settings;

/** The settings of what the hub tells others: events, webhooks, companions' conversations. */
public final class EventSettings {
  private static final int DAY_MS = 86_400_000;

  static final Group GROUP = Group.ofHub("Events and companions");

  public static final Setting<Integer> EVENT_LOG_SIZE =
      GROUP.number(
          "EVENT_LOG_SIZE",
          100,
          10_000_000,
          10_000,
          "Events that are kept, so that a subscriber can go on where it stopped.");
  public static final Setting<Integer> EVENT_LOG_HOURS =
      GROUP.number("EVENT_LOG_HOURS", 1, 87_600, 72, "For how long they are kept at most.");
  public static final Setting<Integer> EVENT_QUEUE_SIZE =
      GROUP.number(
          "EVENT_QUEUE_SIZE",
          1,
          1_000_000,
          1000,
          "Events that may wait for one subscriber; a slower one is cut off.");
  public static final Setting<Integer> EVENT_MAX_SUBSCRIBERS =
      GROUP.number(
          "EVENT_MAX_SUBSCRIBERS",
          1,
          100_000,
          256,
          "Subscribers at once, each on WebSocket and SSE together, and on the SockJS bridge.");
  public static final Setting<Integer> EVENT_AUTH_TIMEOUT_MS =
      GROUP.number(
          "EVENT_AUTH_TIMEOUT_MS",
          100,
          DAY_MS,
          5000,
          "How long a socket for events may take to say who it is.");
  public static final Setting<Integer> EVENT_RECHECK_MS =
      GROUP.number(
          "EVENT_RECHECK_MS",
          100,
          DAY_MS,
          60_000,
          "How often it is looked whether a subscriber's token still holds.");
  public static final Setting<Boolean> WEBHOOKS_ALLOW_PRIVATE =
      GROUP.flag(
          "WEBHOOKS_ALLOW_PRIVATE",
          false,
          "Lets webhooks go to loopback and private addresses, which else are refused.");
  public static final Setting<Integer> WEBHOOK_TIMEOUT_MS =
      GROUP.number(
          "WEBHOOK_TIMEOUT_MS", 100, 600_000, 10_000, "How long a webhook's receiver may take.");
  public static final Setting<Integer> WEBHOOK_QUEUE_SIZE =
      GROUP.number(
          "WEBHOOK_QUEUE_SIZE", 1, 1_000_000, 1000, "Events that may wait for one webhook.");
  public static final Setting<Integer> WEBHOOK_MAX_TRIES =
      GROUP.number("WEBHOOK_MAX_TRIES", 1, 100, 10, "Tries at one event before it is given up.");
  public static final Setting<Integer> WEBHOOK_RETRY_BASE_MS =
      GROUP.number(
          "WEBHOOK_RETRY_BASE_MS",
          1,
          DAY_MS,
          1000,
          "Pause before the second try; it doubles each time, up to five minutes.");
  public static final Setting<Integer> WEBHOOK_DISABLE_AFTER_MS =
      GROUP.number(
          "WEBHOOK_DISABLE_AFTER_MS",
          100,
          24 * DAY_MS,
          DAY_MS,
          "A webhook that has failed for so long without a success is switched off.");
  public static final Setting<Integer> WEBHOOK_MAX =
      GROUP.number("WEBHOOK_MAX", 0, 10_000, 32, "Webhooks there may be.");
  public static final Setting<Integer> COMPANION_REPLY_TIMEOUT_MS =
      GROUP.number(
          "COMPANION_REPLY_TIMEOUT_MS",
          100,
          DAY_MS,
          20_000,
          "How long a companion that speaks for itself may take before the hub answers for it.");

  private EventSettings() {}
}
