package io.muster.runtime.settings;

import java.nio.file.Path;
import java.util.List;

/** The settings of nodes' identity: their keys, and how a hub admits them. */
public final class IdentitySettings {
  private static final int HOUR_MS = 3_600_000;
  private static final int YEAR_MINUTES = 525_600;

  private static final Group NODE = Group.ofBoth("Identity");

  public static final Setting<Path> NODE_KEY_FILE =
      NODE.path(
          "NODE_KEY_FILE",
          null,
          "The node's private key (PEM: Ed25519, or RSA of 2048 bits and more), readable by nobody"
              + " else; made and kept as `DATA_DIR/node-key.pem` when not given.");

  private static final Group WORKER = Group.ofWorker("Identity");

  public static final Setting<String> JOIN_TOKEN =
      WORKER.secret(
          "JOIN_TOKEN",
          "What `scripts/join` prints: admits this node once, after which its key does.",
          "central_platform.bootstrap_token");

  public static final Setting<String> FLEET_KEY =
      WORKER.text(
          "FLEET_KEY",
          "base64 of an Ed25519 key",
          null,
          "The public key of the fleet whose hubs may steer this node; what the first hub says, kept"
              + " as `DATA_DIR/fleet-key.pub`, when not given.");

  private static final Group HUB = Group.ofHub("Identity");

  public static final Setting<String> VCP_KEY =
      HUB.secret(
          "VCP_KEY",
          "What nodes of other makes show in the path (`VCP_Key=…`); `ROOT_NODE_SECRET` when not"
              + " set.");
  public static final Setting<Boolean> ALLOW_VCP_NODES =
      HUB.flag("ALLOW_VCP_NODES", true, "Admits nodes that show no more than the `VCP_KEY`.");
  public static final Setting<Integer> JOIN_TOKEN_MINUTES =
      HUB.number(
          "JOIN_TOKEN_MINUTES",
          1,
          YEAR_MINUTES,
          60,
          "How long a join token can be used, unless asked otherwise.");
  public static final Setting<Integer> LOCKOUT_FAILURES =
      HUB.number(
          "LOCKOUT_FAILURES",
          1,
          1_000_000,
          10,
          "Failed proofs from one address after which nothing more is heard from it.");
  public static final Setting<Integer> LOCKOUT_MS =
      HUB.number(
          "LOCKOUT_MS",
          100,
          24 * HOUR_MS,
          60_000,
          "For how long; failures older than this are forgotten.");

  public static final Setting<Integer> CLOCK_SKEW_MS =
      NODE.number(
          "CLOCK_SKEW_MS",
          1000,
          24 * HOUR_MS,
          600_000,
          "How far the clocks of nodes and hubs may differ; what is signed with an older time is a repetition.");

  static final List<Group> GROUPS = List.of(NODE, WORKER, HUB);

  private IdentitySettings() {}
}
