package io.muster.node;

import java.util.ArrayList;
import java.util.List;

/** What is said of nodes under one signature: by a node one thing, by a hub many at once. */
public record Statements(
    List<NodeMessage.Register> registers,
    List<NodeMessage.Heartbeat> heartbeats,
    List<NodeMessage.Drain> drains,
    List<NodeMessage.Unregister> unregisters) {

  public Statements {
    registers = registers == null ? List.of() : List.copyOf(registers);
    heartbeats = heartbeats == null ? List.of() : List.copyOf(heartbeats);
    drains = drains == null ? List.of() : List.copyOf(drains);
    unregisters = unregisters == null ? List.of() : List.copyOf(unregisters);
  }

  /** One message, which is not signed yet. */
  public static Statements of(NodeMessage message) {
    if (message instanceof NodeMessage.Register register) {
      return new Statements(List.of(register), null, null, null);
    } else if (message instanceof NodeMessage.Heartbeat heartbeat) {
      return heartbeats(List.of(heartbeat));
    } else if (message instanceof NodeMessage.Drain drain) {
      return new Statements(null, null, List.of(drain), null);
    } else if (message instanceof NodeMessage.Unregister unregister) {
      return new Statements(null, null, null, List.of(unregister));
    }
    throw new IllegalArgumentException("signed already");
  }

  public static Statements heartbeats(List<NodeMessage.Heartbeat> heartbeats) {
    return new Statements(null, heartbeats, null, null);
  }

  /** All of them, registrations first. */
  public List<NodeMessage> all() {
    List<NodeMessage> all = new ArrayList<>(registers);
    all.addAll(heartbeats);
    all.addAll(drains);
    all.addAll(unregisters);
    return all;
  }
}
