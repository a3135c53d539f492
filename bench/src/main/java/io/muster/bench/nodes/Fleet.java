package io.muster.bench.nodes;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ObjLongConsumer;

/** The simulated nodes at one hub's socket. Used on the benchmark's one event loop. */
final class Fleet {
  /** Nodes that are on their way in at one time. */
  static final int JOINING = 64;

  private final Vertx vertx;
  private final WebSocketClient client;
  private final int port;
  private final ObjLongConsumer<String> assigned;
  private final List<SocketNode> nodes = new ArrayList<>();
  private final Map<String, Long> errors = new TreeMap<>();
  private long heartbeats;
  private long acks;

  /**
   * @param port of the hub on loopback
   * @param assigned hears of each task that a node is given, and when ({@link System#nanoTime})
   */
  Fleet(Vertx vertx, int port, int most, ObjLongConsumer<String> assigned) {
    this.vertx = vertx;
    this.port = port;
    this.assigned = assigned;
    this.client = vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(most));
  }

  /**
   * Brings in so many more nodes, {@link #JOINING} at a time; fails when one is not taken.
   *
   * @param prefix of their ids, which are numbered as they come: the same again after all have left
   */
  Future<Void> join(String prefix, int more) {
    int there = nodes.size();
    Deque<SocketNode> waiting = new ArrayDeque<>();
    for (int i = 0; i < more; i++) {
      waiting.add(new SocketNode(prefix + "-" + (there + i), vertx, this));
    }
    nodes.addAll(waiting);
    List<Future<Void>> lanes = new ArrayList<>();
    for (int i = 0; i < JOINING; i++) {
      Promise<Void> done = Promise.promise();
      next(waiting, done);
      lanes.add(done.future());
    }
    return Future.all(lanes).mapEmpty();
  }

  private void next(Deque<SocketNode> waiting, Promise<Void> done) {
    SocketNode node = waiting.poll();
    if (node == null) {
      done.complete();
      return;
    }
    node.join(client, port)
        .onSuccess(v -> next(waiting, done))
        .onFailure(cause -> done.tryFail(new IllegalStateException(node.id() + ": " + cause)));
  }

  /** All nodes go. */
  Future<Void> leave() {
    List<Future<Void>> leaving = nodes.stream().map(SocketNode::leave).toList();
    nodes.clear();
    return Future.all(leaving).mapEmpty();
  }

  Future<Void> close() {
    return client.close();
  }

  void assigned(String taskId, long nanos) {
    assigned.accept(taskId, nanos);
  }

  void error(String kind) {
    errors.merge(kind, 1L, Long::sum);
  }

  void heartbeat() {
    heartbeats++;
  }

  void ack() {
    acks++;
  }

  /** Heartbeats sent so far. */
  Future<Long> heartbeats() {
    return Future.succeededFuture(heartbeats);
  }

  /** Of these, the ones that the hub has answered. */
  Future<Long> acks() {
    return Future.succeededFuture(acks);
  }

  /** What went wrong, and how often. */
  Map<String, Long> errors() {
    return errors;
  }
}
