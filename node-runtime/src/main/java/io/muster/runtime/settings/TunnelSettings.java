package io.muster.runtime.settings;

import java.nio.file.Path;
import java.util.List;

/** The settings of frp tunnels, at the worker that opens them and at the hub that leases ports. */
public final class TunnelSettings {
  private static final int DAY_MS = 86_400_000;
  private static final int MAX_PORT = 65_535;

  // ---------------------------------------------------------------------------------------------
  static final Group OF_WORKER = Group.ofWorker("Tunnels");

  public static final Setting<String> FRP_SERVER =
      OF_WORKER.text(
          "FRP_SERVER",
          "host or host:port",
          null,
          "The frp server that this worker's tunnels begin at; not set: no tunnels.",
          "PHOENIX_FRP_SERVER",
          "frp.server_addr");
  public static final Setting<Integer> FRP_SERVER_PORT =
      OF_WORKER.number(
          "FRP_SERVER_PORT",
          1,
          MAX_PORT,
          7000,
          "Its port, where `FRP_SERVER` names none.",
          "frp.server_port");
  public static final Setting<String> FRP_TOKEN =
      OF_WORKER.secret(
          "FRP_TOKEN", "The frp server's `auth.token`.", "PHOENIX_FRP_TOKEN", "frp.token");
  public static final Setting<Path> FRP_CA =
      OF_WORKER.path(
          "FRP_CA",
          null,
          "A PEM file: the frp server has to prove itself by a certificate that this authority"
              + " signed. Not set: the connection is encrypted, but nobody is proven.");
  public static final Setting<Path> FRPC_PATH =
      OF_WORKER.path(
          "FRPC_PATH",
          "frpc",
          "The program frpc, 0.52 or later; a bare name is looked for on the `PATH`.");
  public static final Setting<List<String>> TUNNELS =
      OF_WORKER.names(
          "TUNNELS",
          "This worker's own tunnels, between commas: `NAME=TYPE://HOST:PORT`, with `?port=N` for"
              + " the server's port (tcp, udp; else the hub chooses) or `?domain=NAME` (http,"
              + " https).");
  public static final Setting<Boolean> TUNNELS_FROM_HUB =
      OF_WORKER.flag(
          "TUNNELS_FROM_HUB",
          true,
          "Whether administrators of the hub may open tunnels to this machine.");
  public static final Setting<List<String>> TUNNEL_TARGETS =
      OF_WORKER.names(
          "TUNNEL_TARGETS",
          "What tunnels that the hub orders may lead to, `HOST:PORT` or `HOST:*` between commas;"
              + " none: any port of `127.0.0.1`.");
  public static final Setting<Boolean> TUNNEL_COUNT_TRAFFIC =
      OF_WORKER.flag(
          "TUNNEL_COUNT_TRAFFIC",
          true,
          "Passes tcp, http and https tunnels through the worker, which counts their bytes; false"
              + " connects frpc straight to the service.");
  public static final Setting<Integer> TUNNEL_CHECK_MS =
      OF_WORKER.number(
          "TUNNEL_CHECK_MS", 50, DAY_MS, 3_000, "How often frpc is asked for its tunnels' state.");
  public static final Setting<Integer> TUNNEL_HANG_MS =
      OF_WORKER.number(
          "TUNNEL_HANG_MS", 100, DAY_MS, 15_000, "A frpc that is silent for so long is killed.");
  public static final Setting<Integer> TUNNEL_RESTART_MS =
      OF_WORKER.number(
          "TUNNEL_RESTART_MS",
          1,
          DAY_MS,
          1_000,
          "Before frpc is started again; twice as long before each time after, with jitter.");
  public static final Setting<Integer> TUNNEL_RESTART_MAX_MS =
      OF_WORKER.number("TUNNEL_RESTART_MAX_MS", 1, DAY_MS, 60_000, "And never longer than this.");
  public static final Setting<Integer> TUNNEL_STABLE_MS =
      OF_WORKER.number(
          "TUNNEL_STABLE_MS",
          1,
          DAY_MS,
          60_000,
          "A frpc that has run for so long starts again after the shortest pause.");
  public static final Setting<Integer> TUNNEL_SYNC_MS =
      OF_WORKER.number(
          "TUNNEL_SYNC_MS",
          100,
          DAY_MS,
          30_000,
          "How often the hub is asked for the tunnels that are to be.");
  public static final Setting<Integer> TUNNEL_TRAFFIC_EVENT_MS =
      OF_WORKER.number(
          "TUNNEL_TRAFFIC_EVENT_MS",
          0,
          DAY_MS,
          60_000,
          "How often an event tells of a tunnel's traffic, where there was any; 0: never.");

  // ---------------------------------------------------------------------------------------------
  static final Group OF_HUB = Group.ofHub("Tunnels");

  public static final Setting<Integer> TUNNEL_PORT_MIN =
      OF_HUB.number(
          "TUNNEL_PORT_MIN",
          1,
          MAX_PORT,
          20_000,
          "The first port of an frp server that the hub leases to tunnels.");
  public static final Setting<Integer> TUNNEL_PORT_MAX =
      OF_HUB.number("TUNNEL_PORT_MAX", 1, MAX_PORT, 29_999, "And the last.");
  public static final Setting<Integer> TUNNELS_PER_NODE =
      OF_HUB.number("TUNNELS_PER_NODE", 1, 10_000, 50, "Tunnels that one node may have.");

  private TunnelSettings() {}
}
