package io.muster.hub.gateway;

import io.muster.metric.Sample;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** A registered node at this hub's socket. Used on the hub's event loop. */
final class Session implements NodeSession {
  private final Gateway gateway;
  private final NodeSocket socket;
  private final List<Runnable> whenGone = new ArrayList<>();
  private NodeInfo info;
  private NodeStats stats = NodeStats.NONE;
  private Sample sample;
  private BinaryPeer peer;
  private long heardAt;
  private boolean draining;
  private boolean silent;
  private boolean announced;
  private boolean over;

  Session(Gateway gateway, NodeSocket socket, NodeInfo info, long nowNanos) {
    this.gateway = gateway;
    this.socket = socket;
    this.info = info;
    this.heardAt = nowNanos;
  }

  @Override
  public String nodeId() {
    return info.id();
  }

  @Override
  public NodeInfo info() {
    return info;
  }

  @Override
  public boolean send(String type, JsonObject data) {
    return socket.send(type, data);
  }

  @Override
  public boolean isFull() {
    return socket.isFull();
  }

  @Override
  public void whenDrained(Runnable action) {
    socket.whenDrained(action);
  }

  @Override
  public void whenGone(Runnable action) {
    if (over) {
      action.run();
    } else {
      whenGone.add(action);
    }
  }

  @Override
  public Runnable hold() {
    socket.hold();
    return socket::release;
  }

  @Override
  public void announce(NodeMessage message) {
    if (over) {
      return;
    }
    if (message instanceof NodeMessage.Register register) {
      describe(NodeDescription.with(register.info(), info.id(), info.memberId(), info.instance()));
    } else if (message instanceof NodeMessage.Heartbeat heartbeat) {
      heard(
          heartbeat.stats() == null ? NodeStats.NONE : heartbeat.stats(),
          heartbeat.sample(),
          heartbeat.draining());
    } else if (message instanceof NodeMessage.Drain drain) {
      draining = true;
      gateway.say(new NodeMessage.Drain(info.id(), info.instance(), drain.reason()));
    } else if (message instanceof NodeMessage.Unregister unregister) {
      gateway.end(this, CloseCode.DONE, unregister.reason(), true);
    }
  }

  /** Other than it was: hubs are told. */
  void describe(NodeInfo newInfo) {
    info = newInfo;
    if (announced && !silent) {
      gateway.say(new NodeMessage.Register(info));
    }
  }

  /** It lives; a node that had been silent is there again. */
  void heard(NodeStats newStats, Sample newSample, boolean drains) {
    heardAt = gateway.now();
    stats = newStats;
    draining = drains;
    if (newSample != null) {
      sample = newSample;
    }
    if (silent) {
      silent = false;
      gateway.say(new NodeMessage.Register(info));
    }
  }

  /** From now on hubs know it. */
  void announced() {
    announced = true;
    gateway.say(new NodeMessage.Register(info));
  }

  boolean isAnnounced() {
    return announced && !silent;
  }

  /** Whether the hub may say that it lives: Muster's own workers say so as often as the hub. */
  boolean livesSince(long nanos) {
    return peer == null || heardAt - nanos >= 0;
  }

  /** Whether it has just been silent for too long. */
  boolean fallsSilent(long nowNanos, long timeoutNanos) {
    if (!announced || silent || nowNanos - heardAt <= timeoutNanos) {
      return false;
    }
    silent = true;
    return true;
  }

  NodeMessage.Heartbeat heartbeat() {
    return new NodeMessage.Heartbeat(info.id(), info.instance(), draining, stats, sample);
  }

  void peer(BinaryPeer opened) {
    peer = opened;
  }

  boolean receive(Buffer message) {
    if (peer == null) {
      return false;
    }
    peer.receive(message);
    return true;
  }

  NodeSocket socket() {
    return socket;
  }

  boolean isOver() {
    return over;
  }

  /** Tells whoever waits for it; false when that was done before. */
  boolean over() {
    if (over) {
      return false;
    }
    over = true;
    if (peer != null) {
      peer.closed();
    }
    List<Runnable> actions = List.copyOf(whenGone);
    whenGone.clear();
    actions.forEach(Runnable::run);
    return true;
  }
}
