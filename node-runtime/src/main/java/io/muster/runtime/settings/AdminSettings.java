package io.muster.runtime.settings;

import java.util.List;

/** The settings of administration: at the hub, and at the nodes that it steers. */
public final class AdminSettings {
  private static final int DAY_MS = 86_400_000;

  static final Group ADMINISTRATION = Group.ofHub("Administration");

  public static final Setting<String> ADMIN_PASSWORD =
      ADMINISTRATION.secret(
          "ADMIN_PASSWORD",
          "The password of the user `admin`; without it, the first start makes one and shows it"
              + " once.");
  public static final Setting<String> JWT_SECRET =
      ADMINISTRATION.secret(
          "JWT_SECRET",
          "What administrators' tokens are signed with, the same on all hubs; without it, a random"
              + " one in the database.");
  public static final Setting<Integer> JWT_EXPIRY_MS =
      ADMINISTRATION.number(
          "JWT_EXPIRY_MS", 1000, DAY_MS * 20, 3_600_000, "How long a token of theirs holds.");
  public static final Setting<Integer> JWT_REFRESH_EXPIRY_MS =
      ADMINISTRATION.number(
          "JWT_REFRESH_EXPIRY_MS",
          1000,
          DAY_MS * 20,
          DAY_MS * 7,
          "How long the one holds that gets them a new one.");
  public static final Setting<Integer> ADMIN_LOGIN_FAILURES =
      ADMINISTRATION.number(
          "ADMIN_LOGIN_FAILURES",
          1,
          1000,
          5,
          "Wrong passwords for a user from one address before it is locked out; four times as many"
              + " lock the address out, ten times as many the user.");
  public static final Setting<Integer> ADMIN_LOCKOUT_MS =
      ADMINISTRATION.number("ADMIN_LOCKOUT_MS", 100, DAY_MS, 900_000, "For how long.");
  public static final Setting<Integer> ADMIN_AUDIT_DAYS =
      ADMINISTRATION.number(
          "ADMIN_AUDIT_DAYS", 1, 36_500, 365, "How long the audit log is kept, in days.");
  public static final Setting<Integer> NODE_COMMAND_TIMEOUT_MS =
      ADMINISTRATION.number(
          "NODE_COMMAND_TIMEOUT_MS", 100, DAY_MS, 5000, "How long a node may take to answer one.");
  public static final Setting<Integer> CONFIG_RETRY_MS =
      ADMINISTRATION.number(
          "CONFIG_RETRY_MS",
          100,
          DAY_MS,
          10_000,
          "How often nodes that have not acknowledged their configuration are sent it again.");

  static final Group STEERED = Group.ofBoth("Steered by administrators");

  public static final Setting<Integer> LOG_RECENT_EVENTS =
      STEERED.number(
          "LOG_RECENT_EVENTS",
          0,
          100_000,
          1000,
          "Lines of the log kept in memory, for administrators who ask.");
  public static final Setting<Boolean> CONFIG_FROM_HUB =
      STEERED.flag(
          "CONFIG_FROM_HUB",
          true,
          "Whether a worker takes settings from administrators; they win over its own.");
  public static final Setting<List<String>> TOOLS_OFF =
      STEERED.names("TOOLS_OFF", "Tools that a worker does not offer, by name.");

  private AdminSettings() {}
}
