package io.muster.runtime.settings;

import java.util.List;

/** The service that a worker gives to clients near it. */
public final class EdgeSettings {
  static final Group GROUP = Group.ofWorker("Near service");
  private static final int DAY_MS = 86_400_000;

  public static final Setting<Boolean> EDGE =
      GROUP.flag(
          "EDGE",
          false,
          "The worker serves `/v1` and `/api/chat` itself: from its own providers first, from the"
              + " fleet when it cannot, and from its own while no hub is there.");
  public static final Setting<String> EDGE_HOST =
      GROUP.text(
          "EDGE_HOST",
          "host name or address",
          "127.0.0.1",
          "Interface of the near service. Off loopback it wants `EDGE_API_KEYS` (or"
              + " `EDGE_ALLOW_ANONYMOUS=true`).");
  public static final Setting<Integer> EDGE_PORT =
      GROUP.number("EDGE_PORT", 0, 65_535, 3100, "Its port; 0 takes a free one.");
  public static final Setting<List<String>> EDGE_API_KEYS =
      GROUP.secrets("EDGE_API_KEYS", "Keys that clients near must present; none: open.");
  public static final Setting<Boolean> EDGE_ALLOW_ANONYMOUS =
      GROUP.flag(
          "EDGE_ALLOW_ANONYMOUS",
          false,
          "Lets a near service off loopback serve clients that present no key.");
  public static final Setting<Integer> EDGE_JOB_TIMEOUT_MS =
      GROUP.number(
          "EDGE_JOB_TIMEOUT_MS", 100, DAY_MS, 600_000, "The longest a near request may take.");
  public static final Setting<Integer> EDGE_SESSION_IDLE_MINUTES =
      GROUP.number(
          "EDGE_SESSION_IDLE_MINUTES",
          0,
          5_256_000,
          1440,
          "Idle sessions of the near service are forgotten; 0: never.");

  private EdgeSettings() {}
}
