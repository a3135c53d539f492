package io.muster.runtime.settings;

import java.util.List;

/** The settings of the socket by which nodes join from anywhere. */
public final class GatewaySettings {
  private static final int DAY_MS = 86_400_000;
  private static final int MAX_FRAME_BYTES = 1 << 20;

  private static final Group SOCKET = Group.ofHub("Nodes' socket");

  public static final Setting<Integer> NODE_HEARTBEAT_INTERVAL_MS =
      SOCKET.number(
          "NODE_HEARTBEAT_INTERVAL_MS",
          100,
          DAY_MS,
          30_000,
          "How often nodes at the socket are asked to say that they live.");
  public static final Setting<Integer> NODE_HEARTBEAT_TIMEOUT_MS =
      SOCKET.number(
          "NODE_HEARTBEAT_TIMEOUT_MS",
          100,
          DAY_MS,
          90_000,
          "Silence after which one counts as offline.");
  public static final Setting<Integer> NODE_AUTH_TIMEOUT_MS =
      SOCKET.number(
          "NODE_AUTH_TIMEOUT_MS",
          100,
          DAY_MS,
          5000,
          "How long a connection may take to prove who is there.");
  public static final Setting<Integer> NODE_MAX_CONNECTIONS =
      SOCKET.number(
          "NODE_MAX_CONNECTIONS", 1, 1_000_000, 5000, "Connections at once; beyond: 503.");
  public static final Setting<Integer> NODE_MAX_CONNECTIONS_PER_ADDRESS =
      SOCKET.number(
          "NODE_MAX_CONNECTIONS_PER_ADDRESS",
          1,
          1_000_000,
          256,
          "Those of one address among them; beyond: 429.");
  public static final Setting<Integer> NODE_MAX_UNPROVED =
      SOCKET.number(
          "NODE_MAX_UNPROVED",
          1,
          1_000_000,
          256,
          "Those among them that have not proved who is there; beyond: 503.");
  public static final Setting<Integer> NODE_MAX_FRAME_BYTES =
      SOCKET.number(
          "NODE_MAX_FRAME_BYTES",
          1024,
          MAX_FRAME_BYTES,
          MAX_FRAME_BYTES,
          "The biggest message that a node may send.");
  public static final Setting<Integer> NODE_MAX_FAULTS_PER_MINUTE =
      SOCKET.number(
          "NODE_MAX_FAULTS_PER_MINUTE",
          0,
          1_000_000,
          30,
          "Wrong frames of a connection that are answered; beyond: it is closed.");
  public static final Setting<Integer> NODE_PING_INTERVAL_MS =
      SOCKET.number(
          "NODE_PING_INTERVAL_MS", 100, DAY_MS, 20_000, "How often a connection is pinged.");
  public static final Setting<Integer> NODE_IDLE_TIMEOUT_MS =
      SOCKET.number(
          "NODE_IDLE_TIMEOUT_MS",
          100,
          DAY_MS,
          60_000,
          "Silence, pongs included, or a full send buffer that does not empty, after which it is"
              + " closed.");
  public static final Setting<Integer> NODE_SEND_BUFFER_BYTES =
      SOCKET.number(
          "NODE_SEND_BUFFER_BYTES",
          65_536,
          1 << 30,
          16 << 20,
          "What may wait to be taken by a node; beyond: it is cut off.");

  static final List<Group> GROUPS = List.of(SOCKET);

  private GatewaySettings() {}
}
