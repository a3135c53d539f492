package io.muster.worker.tunnel;

import io.muster.event.Events;
import io.muster.tunnel.TunnelMessage.TunnelReport;
import io.muster.tunnel.TunnelMessage.TunnelState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Tells the fleet what has become other of a node's tunnels since it was told the last time. */
final class TunnelNews {
  private final Events events;
  private final String nodeId;
  private final Map<String, String> statuses = new HashMap<>();
  private final Map<String, Long> bytes = new HashMap<>();
  private String client = "idle";

  TunnelNews(Events events, String nodeId) {
    this.events = events;
    this.nodeId = nodeId;
  }

  void changed(TunnelReport report) {
    if (!report.client().equals(client)) {
      client = report.client();
      Map<String, Object> data = data();
      data.put("status", client);
      putReason(data, report.problem());
      events.emit("tunnel_client_changed", data);
    }
    Set<String> there = new HashSet<>();
    for (TunnelState state : report.tunnels()) {
      String name = state.tunnel().name();
      there.add(name);
      if (!state.status().equals(statuses.put(name, state.status()))) {
        events.emit("tunnel_status_changed", changed(state));
      }
    }
    statuses.keySet().retainAll(there);
    bytes.keySet().retainAll(there);
  }

  /** Of those through which something went since the last time. */
  void traffic(TunnelReport report) {
    for (TunnelState state : report.tunnels()) {
      if (state.bytesIn() >= 0) {
        long sum = state.bytesIn() + state.bytesOut();
        Long before = bytes.put(state.tunnel().name(), sum);
        if (sum != (before == null ? 0 : before)) {
          Map<String, Object> data = data();
          data.put("tunnel", state.tunnel().name());
          data.put("bytesIn", state.bytesIn());
          data.put("bytesOut", state.bytesOut());
          data.put("connections", state.connections());
          events.emit("tunnel_traffic", data);
        }
      }
    }
  }

  private Map<String, Object> changed(TunnelState state) {
    Map<String, Object> data = data();
    data.put("tunnel", state.tunnel().name());
    data.put("status", state.status());
    if (state.tunnel().remotePort() > 0) {
      data.put("remotePort", state.tunnel().remotePort());
    }
    putReason(data, state.problem());
    return data;
  }

  private Map<String, Object> data() {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("nodeId", nodeId);
    return data;
  }

  private static void putReason(Map<String, Object> data, String reason) {
    if (reason != null) {
      data.put("reason", reason);
    }
  }
}
