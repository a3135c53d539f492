package io.muster.worker.tunnel;

import io.muster.runtime.health.Finding;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.Refused;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.muster.tunnel.TunnelMessage.TunnelReport;
import io.muster.tunnel.TunnelMessage.TunnelState;
import io.muster.worker.tunnel.ProxyStates.ProxyState;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What can be seen of the tunnels, from what was planned and what frpc says. */
final class TunnelStates {
  static final String RUNNING = "running";
  private static final String STARTING = "starting";
  private static final String FAILED = "failed";
  private static final String OFF = "off";

  private TunnelStates() {}

  /**
   * @param refused what of the plan the node does not do
   */
  static TunnelReport report(
      TunnelPlan plan,
      List<Refused> refused,
      String server,
      FrpcSupervisor supervisor,
      Relays relays) {
    Map<String, String> reasons = reasons(refused);
    Map<String, String> unplanned = reasons(plan.refused());
    boolean runs = supervisor.phase() == FrpcSupervisor.Phase.RUNNING;
    List<TunnelState> states = new ArrayList<>();
    for (Planned planned : plan.tunnels()) {
      Tunnel tunnel = planned.tunnel();
      String reason = reasons.get(tunnel.name());
      // Another of its name, which the settings ask for.
      String namesake = unplanned.remove(tunnel.name());
      ProxyState said = supervisor.states().get(tunnel.name());
      String status = reason != null ? FAILED : !runs ? OFF : status(said);
      CountingRelay relay = relays.of(tunnel.name());
      states.add(
          new TunnelState(
              tunnel,
              planned.ordered(),
              status,
              status.equals(RUNNING) ? said.remote() : null,
              problem(reason, said, namesake),
              relay == null ? -1 : relay.in(),
              relay == null ? -1 : relay.out(),
              relay == null ? -1 : relay.connections()));
    }
    unplanned.forEach(
        (name, reason) ->
            states.add(
                new TunnelState(
                    new Tunnel(name, null, null, 0, 0, List.of()),
                    false,
                    FAILED,
                    null,
                    reason,
                    -1,
                    -1,
                    -1)));
    return new TunnelReport(supervisor.phase().label(), supervisor.problem(), server, states);
  }

  private static Map<String, String> reasons(List<Refused> refused) {
    Map<String, String> reasons = new HashMap<>();
    refused.forEach(one -> reasons.put(one.name(), one.reason()));
    return reasons;
  }

  private static String problem(String reason, ProxyState said, String namesake) {
    if (reason != null) {
      return reason;
    }
    return said != null && said.error() != null ? said.error() : namesake;
  }

  private static String status(ProxyState said) {
    if (said == null) {
      return STARTING;
    }
    return switch (said.phase()) {
      case "running" -> RUNNING;
      case "new", "wait start" -> STARTING;
      default -> FAILED;
    };
  }

  /** For everybody to read: no address, no name of a host, none of frpc's words. */
  static Finding finding(TunnelReport report, boolean synced, String refusal) {
    if (report.client().equals("missing")) {
      return Finding.degraded("frpc is not installed: put it on the PATH, or set FRPC_PATH");
    }
    if (report.client().equals("waiting")) {
      return Finding.degraded("frpc ended and is started again; /info says why");
    }
    long up = report.tunnels().stream().filter(one -> one.status().equals(RUNNING)).count();
    String count = up + " of " + report.tunnels().size() + " tunnels are open";
    if (refusal != null) {
      return Finding.degraded(count + "; frpc refuses what was changed last");
    }
    if (up < report.tunnels().size()) {
      return Finding.degraded(count);
    }
    return Finding.healthy(synced ? count : count + "; no hub has leased ports yet");
  }

  static JsonObject json(TunnelReport report) {
    JsonArray tunnels = new JsonArray();
    report.tunnels().forEach(state -> tunnels.add(json(state)));
    JsonObject json =
        new JsonObject().put("client", report.client()).put("server", report.server());
    return put(json, "problem", report.problem()).put("tunnels", tunnels);
  }

  private static JsonObject json(TunnelState state) {
    Tunnel tunnel = state.tunnel();
    JsonObject json = new JsonObject().put("name", tunnel.name()).put("status", state.status());
    if (tunnel.type() != null) {
      json.put("type", tunnel.type().label())
          .put("local", tunnel.localHost() + ":" + tunnel.localPort())
          .put("ordered_by", state.ordered() ? "hub" : "settings");
    }
    if (tunnel.remotePort() > 0) {
      json.put("remote_port", tunnel.remotePort());
    }
    if (!tunnel.domains().isEmpty()) {
      json.put("domains", new JsonArray(tunnel.domains()));
    }
    put(json, "remote", state.remote());
    put(json, "problem", state.problem());
    return state.bytesIn() < 0
        ? json
        : json.put("bytes_in", state.bytesIn())
            .put("bytes_out", state.bytesOut())
            .put("connections", state.connections());
  }

  private static JsonObject put(JsonObject json, String key, String value) {
    return value == null ? json : json.put(key, value);
  }
}
