package io.muster.hub.relay;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Carrier;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.bus.Registration;
import io.muster.hub.gateway.BinaryPeer;
import io.muster.hub.gateway.NodeSession;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.JobMessage;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.relay.Inward;
import io.muster.relay.RelayException;
import io.muster.relay.RelayPeer;
import io.muster.relay.Socket;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker at a socket: what the bus has for it goes out, what it has for the bus comes in. */
final class RelaySession implements BinaryPeer, Carrier, Inward, Socket {
  private static final Logger log = LoggerFactory.getLogger(RelaySession.class);

  /** Whoever asks on the bus has a time-out of its own; this ends what nobody waits for. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration MAX_PATIENCE = Duration.ofMinutes(10);
  private static final long MS = 1_000_000;

  private final Relay relay;
  private final Bus bus;
  private final Vertx vertx;
  private final NodeSession node;
  private final Consumer<Buffer> send;
  private final String nodeId;
  private final String address;
  private final RelayPeer peer;
  private final Promise<Void> ready = Promise.promise();
  private Registration registration;
  private Runnable look = () -> {};
  private long heardAt;
  private long lookedAt;
  private boolean closed;
  private int abuse;

  RelaySession(Relay relay, NodeSession node, Consumer<Buffer> send) {
    this.relay = relay;
    this.bus = relay.bus();
    this.vertx = bus.vertx();
    this.node = node;
    this.send = send;
    this.nodeId = node.nodeId();
    this.address = Addresses.node(nodeId);
    this.peer = new RelayPeer(this, this, relay.options().limits());
  }

  String nodeId() {
    return nodeId;
  }

  /** Serves the worker's address from now on. */
  void open() {
    heardAt = relay.now();
    lookedAt = heardAt;
    look();
    bus.carry(address, this)
        .onComplete(
            opened -> {
              registration = opened;
              if (closed) {
                release();
              } else {
                relay.watch(opened);
              }
              ready.tryComplete();
            },
            cause -> {
              ready.tryFail(cause);
              end("its address cannot be served here now: " + cause.getMessage());
            });
  }

  @Override
  public Future<?> ready() {
    return ready.future();
  }

  /** What a hub says to this node, or to all. */
  void heard(HubMessage message) {
    sent(peer.publish(Addresses.NODES, (Record) message));
  }

  @Override
  public void receive(Buffer message) {
    if (closed) {
      return;
    }
    heardAt = relay.now();
    try {
      peer.receive(message);
    } catch (RelayException e) {
      end(e.getMessage());
    }
  }

  @Override
  public void closed() {
    if (!closed) {
      closed = true;
      look.run();
      peer.close();
      release();
      relay.closed(this);
    }
  }

  @Override
  public void tell(Record message) {
    sent(peer.tell(address, message).recover(cause -> tooLarge(message, cause)));
  }

  /** What the connection does not take for its size is no fault of the worker's. */
  private Future<Void> tooLarge(Record message, Throwable cause) {
    if (Fault.from(cause).failure() != Failure.TOO_LARGE) {
      return Future.failedFuture(cause);
    }
    log.warn("node {} is not told: {}", nodeId, cause.getMessage());
    if (!(message instanceof JobMessage.Submit submit)) {
      return Future.succeededFuture();
    }
    Fault fault =
        Fault.of(
            Failure.TOO_LARGE,
            "the request does not fit the connection of node %s (RELAY_MESSAGE_BYTES): %s"
                .formatted(nodeId, cause.getMessage()));
    return bus.tell(
            Addresses.frames(submit.hubId()),
            new FrameBatch(nodeId, List.of(new Frame.Failed(submit.ticket(), 0, fault))))
        .otherwiseEmpty();
  }

  @Override
  public Future<Record> ask(Record question) {
    return peer.ask(address, question, PATIENCE);
  }

  @Override
  public void tell(String to, Record message) {
    if (!relay.rules().mayTell(nodeId, to, message)) {
      abused(to, message);
      return;
    }
    String hubId = RelayRules.hubOf(to);
    if (hubId != null && !relay.isHub(hubId)) {
      return; // It has just gone: the worker could not know.
    }
    bus.tell(to, message)
        .onFailure(
            cause -> log.debug("a message of {} to {} is lost: {}", nodeId, to, cause.toString()));
  }

  @Override
  public void publish(String to, Record message) {
    if (!relay.rules().mayPublish(nodeId, to, message)) {
      abused(to, message);
    } else if (message instanceof NodeMessage word) {
      node.announce(word);
    } else {
      bus.publish(to, message);
    }
  }

  @Override
  public Future<Record> ask(String to, Record question, Duration timeout) {
    if (!relay.rules().mayAsk(nodeId, to, question)) {
      abused(to, question);
      return Future.failedFuture(
          new FaultException(Failure.FORBIDDEN, nodeId + " may not ask this at " + to));
    }
    Duration limit = timeout.compareTo(MAX_PATIENCE) > 0 ? MAX_PATIENCE : timeout;
    return bus.ask(to, question, limit);
  }

  @Override
  public void unreadable(String why) {
    log.warn("node {} sent what this version cannot read: {}", nodeId, why);
    count();
  }

  @Override
  public void write(Buffer frame) {
    if (!closed) {
      send.accept(frame);
    }
  }

  @Override
  public boolean isFull() {
    return !closed && node.isFull();
  }

  @Override
  public void whenDrained(Runnable action) {
    node.whenDrained(action);
  }

  @Override
  public void soon(Runnable action) {
    vertx.runOnContext(v -> action.run());
  }

  @Override
  public Runnable later(long ms, Runnable action) {
    long id = vertx.setTimer(Math.max(1, ms), fired -> action.run());
    return () -> vertx.cancelTimer(id);
  }

  /** A node that takes too little is given up before it costs this hub its memory. */
  private void sent(Future<Void> sending) {
    sending.onFailure(
        cause -> {
          if (!closed) {
            end(cause.getMessage());
          }
        });
  }

  private void abused(String to, Record message) {
    log.warn("node {} may not send a {} to {}", nodeId, message.getClass().getSimpleName(), to);
    count();
  }

  private void count() {
    if (++abuse >= relay.options().maxAbuse() && !closed) {
      end(abuse + " messages that it may not send");
    }
  }

  /** A worker heartbeats as one of the cluster does, and is given up like one. */
  private void look() {
    long now = relay.now();
    long gap = now - lookedAt;
    lookedAt = now;
    if (gap > relay.options().silenceMs() * MS / 2) {
      // This hub stood still: what the worker said meanwhile is still to be read.
      heardAt = Math.min(now, heardAt + gap);
    }
    long silentMs = (now - heardAt) / MS;
    if (silentMs >= relay.options().silenceMs()) {
      end("nothing was heard for " + silentMs + " ms");
    } else {
      look = later(relay.options().silenceMs() / 10, this::look);
    }
  }

  private void end(String why) {
    if (!closed) {
      log.warn("the connection of node {} is closed: {}", nodeId, why);
      closed();
      node.announce(new NodeMessage.Unregister(nodeId, node.info().instance(), why));
    }
  }

  private void release() {
    if (registration != null) {
      registration
          .close()
          .onFailure(cause -> log.debug("{} was not given up: {}", address, cause.toString()));
      registration = null;
    }
  }
}
