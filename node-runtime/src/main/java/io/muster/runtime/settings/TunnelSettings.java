package io.muster.runtime.settings;

/** The settings of a worker's frp tunnels. */
public final class TunnelSettings {
  private static final int MAX_PORT = 65_535;

  static final Group OF_WORKER = Group.ofWorker("Tunnels");

  public static final Setting<String> FRP_SERVER =
      OF_WORKER.text(
          "FRP_SERVER",
          "host or host:port",
          null,
          "The frp server that tunnels go through.",
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
      OF_WORKER.secret("FRP_TOKEN", "What it is shown.", "PHOENIX_FRP_TOKEN", "frp.token");

  private TunnelSettings() {}
}
