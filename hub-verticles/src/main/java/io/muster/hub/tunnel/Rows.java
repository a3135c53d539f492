package io.muster.hub.tunnel;

import io.muster.hub.storage.StorableText;
import io.muster.hub.tunnel.TunnelStore.Held;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The SQL of tunnels, within one transaction. */
final class Rows {
  private static final String HELD =
      "SELECT t.node_id, t.name, t.type, t.local_host, t.local_port, t.domains, t.ordered,"
          + " COALESCE(l.port, 0), n.server FROM tunnel t"
          + " LEFT JOIN tunnel_lease l ON l.node_id = t.node_id AND l.name = t.name"
          + " LEFT JOIN tunnel_node n ON n.node_id = t.node_id";

  private final Connection connection;
  private final long now;

  Rows(Connection connection, long now) {
    this.connection = connection;
    this.now = now;
  }

  /** The server that the node uses, and the row locked until the end; null for none. */
  String server(String nodeId) throws SQLException {
    try (PreparedStatement select =
        prepare("SELECT server FROM tunnel_node WHERE node_id = ? FOR UPDATE", nodeId)) {
      ResultSet row = select.executeQuery();
      return row.next() ? row.getString(1) : null;
    }
  }

  /** As they were asked for. */
  List<Planned> tunnels(String nodeId) throws SQLException {
    List<Planned> tunnels = new ArrayList<>();
    try (PreparedStatement select =
        prepare(
            "SELECT name, type, local_host, local_port, remote_port, domains, ordered FROM tunnel"
                + " WHERE node_id = ? ORDER BY name",
            nodeId)) {
      ResultSet row = select.executeQuery();
      while (row.next()) {
        tunnels.add(
            new Planned(
                new Tunnel(
                    row.getString(1),
                    TunnelType.ofLabel(row.getString(2)),
                    row.getString(3),
                    row.getInt(4),
                    row.getInt(5),
                    domains(row.getString(6))),
                row.getBoolean(7)));
      }
    }
    return tunnels;
  }

  /** With their leases; of all nodes where none is named. */
  List<Held> held(String nodeId) throws SQLException {
    List<Held> held = new ArrayList<>();
    String order = " ORDER BY t.node_id, t.name";
    try (PreparedStatement select =
        nodeId == null
            ? prepare(HELD + order)
            : prepare(HELD + " WHERE t.node_id = ?" + order, nodeId)) {
      ResultSet row = select.executeQuery();
      while (row.next()) {
        held.add(
            new Held(
                row.getString(1),
                row.getString(9),
                new Planned(
                    new Tunnel(
                        row.getString(2),
                        TunnelType.ofLabel(row.getString(3)),
                        row.getString(4),
                        row.getInt(5),
                        row.getInt(8),
                        domains(row.getString(6))),
                    row.getBoolean(7))));
      }
    }
    return held;
  }

  /** The node's leases by the names of its tunnels. */
  Map<String, Integer> leases(String nodeId) throws SQLException {
    Map<String, Integer> leases = new HashMap<>();
    try (PreparedStatement select =
        prepare("SELECT name, port FROM tunnel_lease WHERE node_id = ?", nodeId)) {
      ResultSet row = select.executeQuery();
      while (row.next()) {
        leases.put(row.getString(1), row.getInt(2));
      }
    }
    return leases;
  }

  /** The ports of a server that are leased. */
  Set<Integer> taken(String server, String protocol) throws SQLException {
    Set<Integer> taken = new TreeSet<>();
    try (PreparedStatement select =
        prepare(
            "SELECT port FROM tunnel_lease WHERE server = ? AND protocol = ?", server, protocol)) {
      ResultSet row = select.executeQuery();
      while (row.next()) {
        taken.add(row.getInt(1));
      }
    }
    return taken;
  }

  /** Takes the port; false where another has it, or takes it at this moment. */
  boolean lease(String server, String protocol, int port, String nodeId, String name)
      throws SQLException {
    return update(
            "INSERT INTO tunnel_lease (server, protocol, port, node_id, name, leased_at)"
                + " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            server,
            protocol,
            port,
            nodeId,
            name,
            now)
        > 0;
  }

  void insert(String nodeId, Tunnel tunnel, boolean ordered) throws SQLException {
    update(
        "INSERT INTO tunnel (node_id, name, type, local_host, local_port, remote_port, domains,"
            + " ordered, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        nodeId,
        tunnel.name(),
        tunnel.type().label(),
        tunnel.localHost(),
        tunnel.localPort(),
        tunnel.remotePort(),
        String.join(",", tunnel.domains()),
        ordered,
        now);
  }

  /** The tunnel and its lease. */
  void drop(String nodeId, String name) throws SQLException {
    update("DELETE FROM tunnel WHERE node_id = ? AND name = ?", nodeId, name);
    update("DELETE FROM tunnel_lease WHERE node_id = ? AND name = ?", nodeId, name);
  }

  int update(String sql, Object... values) throws SQLException {
    try (PreparedStatement statement = prepare(sql, values)) {
      return statement.executeUpdate();
    }
  }

  private PreparedStatement prepare(String sql, Object... values) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    for (int i = 0; i < values.length; i++) {
      statement.setObject(
          i + 1, values[i] instanceof String text ? StorableText.of(text) : values[i]);
    }
    return statement;
  }

  private static List<String> domains(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(",", -1));
  }
}
