package io.muster.hub.history;

import io.muster.hub.fleet.FleetView;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.storage.Database;
import io.muster.runtime.settings.MonitorSettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes nodes' figures down every few seconds, and writes them in batches. Every hub takes them
 * down, the one that joined first writes them: when it dies, another goes on without a gap. Used on
 * the hub's event loop.
 */
public final class NodeHistory {
  private static final Logger log = LoggerFactory.getLogger(NodeHistory.class);
  private static final long LOOK_MS = 5_000;
  private static final long FORGET_MS = 600_000;

  /** What waits for a database that is away; the oldest go first. */
  private static final int MAX_UNWRITTEN = 50_000;

  private final Vertx vertx;
  private final HistoryStore store;
  private final FleetView fleet;
  private final List<Tier> tiers;

  /** Those that were kept once, before the settings were changed, among them. */
  private final List<Tier> all;

  private final int maxNodes;
  private final BooleanSupplier writer;
  private final Clock clock;
  private final Map<String, Open> open = new HashMap<>();
  private final List<Long> timers = new ArrayList<>();
  private List<HistoryStore.Row> unwritten = new ArrayList<>();
  private List<HistoryStore.Row> leaving = List.of();
  private boolean writing;

  /** A node's buckets that are still filled, one a tier. */
  private static final class Open {
    private final Bucket[] buckets;
    private final long[] began;
    private long sampledAt;

    private Open(int tiers) {
      buckets = new Bucket[tiers];
      began = new long[tiers];
    }
  }

  /**
   * @param writer whether it is this hub that writes, as things are now
   */
  public NodeHistory(
      Vertx vertx,
      Settings settings,
      Database database,
      FleetView fleet,
      BooleanSupplier writer,
      Clock clock) {
    this(
        vertx,
        Tier.of(settings),
        settings.get(MonitorSettings.HISTORY_MAX_NODES),
        new HistoryStore(database),
        fleet,
        writer,
        clock);
  }

  /**
   * @param all the resolutions that there are, the finest first
   */
  NodeHistory(
      Vertx vertx,
      List<Tier> all,
      int maxNodes,
      HistoryStore store,
      FleetView fleet,
      BooleanSupplier writer,
      Clock clock) {
    this.vertx = vertx;
    this.all = List.copyOf(all);
    this.tiers = all.stream().filter(Tier::isKept).toList();
    this.maxNodes = maxNodes;
    this.store = store;
    this.fleet = fleet;
    this.writer = writer;
    this.clock = clock;
  }

  /** Begins to take down. */
  public void start() {
    if (!tiers.isEmpty() && maxNodes > 0) {
      timers.add(
          vertx.setPeriodic(
              LOOK_MS,
              id -> {
                look();
                var unused = write();
              }));
    }
    timers.add(vertx.setPeriodic(FORGET_MS, id -> forget()));
  }

  /** Looks at all nodes now. */
  void look() {
    long now = clock.millis();
    for (NodeView node : fleet.nodes()) {
      String id = node.info().id();
      if (node.isUp()
          && node.sample() != null
          && (open.containsKey(id) || open.size() < maxNodes)) {
        note(open.computeIfAbsent(id, i -> new Open(tiers.size())), node, now);
      }
    }
    // What a node that went away had told is over with the bucket's time.
    for (Iterator<Map.Entry<String, Open>> each = open.entrySet().iterator(); each.hasNext(); ) {
      Map.Entry<String, Open> node = each.next();
      if (close(node.getKey(), node.getValue(), now)) {
        each.remove();
      }
    }
  }

  private void note(Open node, NodeView view, long now) {
    if (view.sample().at() == node.sampledAt) {
      return;
    }
    node.sampledAt = view.sample().at();
    Map<String, Double> figures = Figures.of(view);
    for (int i = 0; i < tiers.size(); i++) {
      long begin = now - Math.floorMod(now, tiers.get(i).stepMs());
      if (node.buckets[i] != null && node.began[i] != begin) {
        end(view.info().id(), node, i);
      }
      if (node.buckets[i] == null) {
        node.buckets[i] = new Bucket();
        node.began[i] = begin;
      }
      node.buckets[i].add(figures);
    }
  }

  /** Ends the buckets whose time is over; whether none is left. */
  private boolean close(String id, Open node, long now) {
    boolean empty = true;
    for (int i = 0; i < tiers.size(); i++) {
      if (node.buckets[i] != null && now >= node.began[i] + tiers.get(i).stepMs()) {
        end(id, node, i);
      }
      empty &= node.buckets[i] == null;
    }
    return empty;
  }

  private void end(String id, Open node, int tier) {
    unwritten.add(
        new HistoryStore.Row(id, tiers.get(tier).step(), node.began[tier], node.buckets[tier]));
    node.buckets[tier] = null;
  }

  /** Writes what is complete, if that is this hub's to do. */
  Future<Void> write() {
    if (!writer.getAsBoolean()) {
      unwritten.clear();
    }
    if (writing || unwritten.isEmpty()) {
      return Future.succeededFuture();
    }
    List<HistoryStore.Row> batch = unwritten;
    unwritten = new ArrayList<>();
    leaving = batch;
    writing = true;
    return store
        .write(batch)
        .onComplete(
            written -> {
              writing = false;
              leaving = List.of();
            },
            cause -> {
              writing = false;
              leaving = List.of();
              log.warn("figures of nodes are not stored: {}", cause.toString());
              batch.addAll(unwritten);
              int surplus = Math.max(0, batch.size() - MAX_UNWRITTEN);
              unwritten = new ArrayList<>(batch.subList(surplus, batch.size()));
            });
  }

  private void forget() {
    if (writer.getAsBoolean()) {
      store
          .forget(all, clock.millis())
          .onFailure(cause -> log.warn("old figures are not removed: {}", cause.toString()));
    }
  }

  /** The resolutions that are kept, the finest first. */
  List<Tier> tiers() {
    return tiers;
  }

  /** What was, and what the open bucket has so far: points by when they begin. */
  Future<SortedMap<Long, Bucket>> read(HistoryStore.Question question) {
    List<HistoryStore.Row> more = new ArrayList<>(leaving);
    more.addAll(unwritten);
    Open node = open.get(question.nodeId());
    for (int i = 0; node != null && i < tiers.size(); i++) {
      if (node.buckets[i] != null && tiers.get(i).step() == question.step()) {
        more.add(
            new HistoryStore.Row(
                question.nodeId(), question.step(), node.began[i], node.buckets[i].copy()));
      }
    }
    return store.read(question, more);
  }

  /** Writes what is complete; what is not is lost with the process. */
  public Future<Void> close() {
    timers.forEach(vertx::cancelTimer);
    return write().otherwiseEmpty();
  }
}
