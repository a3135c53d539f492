package io.muster.hub.quota;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.muster.hub.storage.Database;
import io.muster.node.NodeType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The quotas of this hub: the limits, what is held, who is told. Used on the hub's event loop. */
public final class Quotas implements QuotaGate {
  private static final Logger log = LoggerFactory.getLogger(Quotas.class);
  private static final long RELOAD_MS = 30_000;

  /**
   * What the settings say.
   *
   * @param nodes every node's limits where no rule says more
   * @param keys every API key's
   * @param answerTokens tokens of an answer whose request does not bound it
   * @param leaseMs milliseconds after which what a dead hub held is free again
   */
  public record Options(Limits nodes, Limits keys, long answerTokens, long leaseMs) {}

  /** What is known of nodes. */
  public interface Nodes {
    /** Null for a node that nobody knows. */
    NodeType type(String nodeId);

    Set<String> tags(String nodeId);

    /** Of types and tags for a principal's node, from functions. */
    static Nodes of(Function<String, NodeType> type, Function<String, Set<String>> tags) {
      return new Nodes() {
        @Override
        public NodeType type(String nodeId) {
          return type.apply(nodeId);
        }

        @Override
        public Set<String> tags(String nodeId) {
          return tags.apply(nodeId);
        }
      };
    }
  }

  private final Vertx vertx;
  private final Options options;
  private final Nodes nodes;
  private final QuotaStore store;
  private final RuleStore ruleStore;
  private final HoldBook book;
  private final Warnings warnings;
  private QuotaMeters meters;
  private Rules rules;
  private long ticking = -1;
  private long reloading = -1;

  /**
   * @param emit an event of a type with its data
   */
  public Quotas(
      Vertx vertx,
      Database database,
      String hubId,
      Options options,
      Nodes nodes,
      BiConsumer<String, Map<String, Object>> emit,
      LongSupplier nanoTime) {
    this(vertx, database, hubId, options, nodes, emit, nanoTime, () -> 0);
  }

  Quotas(
      Vertx vertx,
      Database database,
      String hubId,
      Options options,
      Nodes nodes,
      BiConsumer<String, Map<String, Object>> emit,
      LongSupplier nanoTime,
      LongSupplier aheadMs) {
    this.vertx = vertx;
    this.options = options;
    this.nodes = nodes;
    this.store = new QuotaStore(database, hubId, options.leaseMs(), aheadMs);
    this.ruleStore = new RuleStore(database);
    this.book = new HoldBook(hubId, store::run, nanoTime, options.leaseMs(), database.exclusive());
    this.warnings = new Warnings(emit, nanoTime);
    // Counts nothing until it is told where.
    this.meters = new QuotaMeters(new CompositeMeterRegistry(), book::size);
    this.rules = new Rules(options.nodes(), options.keys(), List.of());
  }

  /** Counts what is admitted and refused from now on. */
  public Quotas metering(MeterRegistry registry) {
    meters = new QuotaMeters(registry, book::size);
    return this;
  }

  /** Reads the rules and takes the hub's lease. */
  public Future<Void> start() {
    return store
        .enter()
        .compose(v -> reload())
        .onSuccess(
            v -> {
              ticking = vertx.setPeriodic(Math.max(20, options.leaseMs() / 12), id -> book.tick());
              // In case the message that a rule has changed was lost.
              reloading = vertx.setPeriodic(RELOAD_MS, id -> reloadQuietly());
            });
  }

  /** Settles what is to be, and gives the rest back. */
  public Future<Void> close() {
    vertx.cancelTimer(ticking);
    vertx.cancelTimer(reloading);
    return book.drained().otherwiseEmpty().compose(v -> store.leave()).otherwiseEmpty();
  }

  /** Reads the rules anew: another hub has changed them. */
  public Future<Void> reload() {
    return ruleStore.list().map(this::take);
  }

  private Void take(List<Rule> list) {
    rules = rules.with(list);
    return null;
  }

  public void reloadQuietly() {
    reload()
        .onFailure(cause -> log.warn("the rules of quotas cannot be read: {}", cause.getMessage()));
  }

  @Override
  public Limits limits(Principal principal) {
    return principal.kind() == Principal.Kind.KEY
        ? rules.ofKey(principal.name())
        : rules.ofNode(
            principal.name(), nodes.type(principal.name()), nodes.tags(principal.name()));
  }

  @Override
  public Future<Hold> reserve(Principal principal, Limits limits, Demand demand, String requestId) {
    return book.reserve(principal, limits, demand)
        .onSuccess(hold -> meters.admitted(principal))
        .onFailure(
            cause -> {
              if (cause instanceof QuotaExceeded exceeded) {
                meters.refused(principal, exceeded.refusal());
                warnings.refused(principal, exceeded.refusal(), requestId);
              }
            });
  }

  @Override
  public long answerTokens() {
    return options.answerTokens();
  }

  Rules rules() {
    return rules;
  }

  Future<List<QuotaStore.Use>> uses(int most) {
    return store.uses(most);
  }

  /** Requests of this hub that hold something. */
  int held() {
    return book.size();
  }

  Future<Void> put(Rule rule) {
    return ruleStore.put(rule).compose(v -> reload());
  }

  Future<Boolean> delete(Rule.Scope scope, String name) {
    return ruleStore.delete(scope, name).compose(deleted -> reload().map(deleted));
  }
}
