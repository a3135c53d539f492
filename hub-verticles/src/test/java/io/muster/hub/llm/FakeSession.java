package io.muster.hub.llm;

import io.muster.hub.gateway.NodeSession;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A node's connection that keeps what is sent, and is full or gone as a test says. */
final class FakeSession implements NodeSession {
  /** One frame. */
  record Sent(String type, JsonObject data) {}

  final List<Sent> sent = new ArrayList<>();
  private final String nodeId;
  private final List<Runnable> whenDrained = new ArrayList<>();
  private final List<Runnable> whenGone = new ArrayList<>();
  private boolean full;
  private boolean gone;

  FakeSession(String nodeId) {
    this.nodeId = nodeId;
  }

  @Override
  public String nodeId() {
    return nodeId;
  }

  @Override
  public NodeInfo info() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean send(String type, JsonObject data) {
    if (!gone) {
      sent.add(new Sent(type, data.copy()));
    }
    return !gone;
  }

  @Override
  public boolean isFull() {
    return full;
  }

  @Override
  public void whenDrained(Runnable action) {
    whenDrained.add(action);
  }

  @Override
  public Runnable hold() {
    return () -> {};
  }

  @Override
  public void announce(NodeMessage message) {
    throw new UnsupportedOperationException("a node of another make speaks in frames");
  }

  @Override
  public void whenGone(Runnable action) {
    whenGone.add(action);
    if (gone) {
      action.run();
    }
  }

  void fill() {
    full = true;
  }

  void drain() {
    full = false;
    List<Runnable> waiting = List.copyOf(whenDrained);
    whenDrained.clear();
    waiting.forEach(Runnable::run);
  }

  void close() {
    gone = true;
    whenGone.forEach(Runnable::run);
  }

  List<JsonObject> of(String type) {
    return sent.stream().filter(one -> one.type.equals(type)).map(Sent::data).toList();
  }

  Sent last() {
    return sent.get(sent.size() - 1);
  }
}
