package io.muster.runtime.settings;

import java.nio.file.Path;
import java.util.List;

/** The settings of workers that join by one outbound WebSocket, and of the hub's end of it. */
public final class SocketSettings {
  private static final int DAY_MS = 86_400_000;

  private static final Group WORKER = Group.ofWorker("Joining by socket");

  public static final Setting<String> NODE_LINK =
      WORKER.choice(
          "NODE_LINK",
          List.of("auto", "cluster", "socket"),
          "auto",
          "How the worker joins. `auto`: by socket where `ROOT_NODE_URL` is set, `CLUSTER_MEMBERS`"
              + " is not, and `CLUSTER_HOST` is loopback; else as a member of the cluster.");
  public static final Setting<Path> ROOT_NODE_CA =
      WORKER.path(
          "ROOT_NODE_CA",
          null,
          "The CA of the hub's certificate (PEM) for `https` and `wss`; the system's when not"
              + " given.");
  public static final Setting<Integer> SOCKET_CONNECT_TIMEOUT_MS =
      WORKER.number(
          "SOCKET_CONNECT_TIMEOUT_MS",
          100,
          DAY_MS,
          5000,
          "For the connection to the hub, and again for being admitted.");
  public static final Setting<Integer> SOCKET_RETRY_MIN_MS =
      WORKER.number(
          "SOCKET_RETRY_MIN_MS",
          10,
          DAY_MS,
          500,
          "The first pause before the hub is tried again; it doubles each time.");
  public static final Setting<Integer> SOCKET_RETRY_MAX_MS =
      WORKER.number("SOCKET_RETRY_MAX_MS", 10, DAY_MS, 30_000, "The longest such pause.");
  public static final Setting<Integer> SOCKET_PING_MS =
      WORKER.number("SOCKET_PING_MS", 50, DAY_MS, 1000, "How often the hub is pinged.");
  public static final Setting<Integer> SOCKET_SILENCE_MS =
      WORKER.number(
          "SOCKET_SILENCE_MS",
          100,
          DAY_MS,
          5000,
          "Silence of the hub after which the connection counts as broken.");

  private static final Group BOTH = Group.ofBoth("Joining by socket");

  public static final Setting<Integer> RELAY_MESSAGE_BYTES =
      BOTH.number(
          "RELAY_MESSAGE_BYTES",
          65_536,
          1 << 30,
          96 << 20,
          "The biggest message taken from the other end: a request's or an answer's whole body.");
  public static final Setting<Integer> RELAY_QUEUE_BYTES =
      BOTH.number(
          "RELAY_QUEUE_BYTES",
          65_536,
          1 << 30,
          64 << 20,
          "How much may wait for a slow connection; a hub closes it beyond that.");

  private static final Group HUB = Group.ofHub("Joining by socket");

  public static final Setting<Integer> RELAY_MAX_QUESTIONS =
      HUB.number(
          "RELAY_MAX_QUESTIONS", 1, 1_000_000, 1024, "Questions of a worker answered at once.");
  public static final Setting<Integer> RELAY_MAX_ABUSE =
      HUB.number(
          "RELAY_MAX_ABUSE",
          1,
          1_000_000,
          20,
          "Messages that a worker has no right to send after which its connection is closed.");

  static final List<Group> GROUPS = List.of(WORKER, BOTH, HUB);

  private SocketSettings() {}
}
