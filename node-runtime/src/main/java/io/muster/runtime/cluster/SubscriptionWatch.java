package io.muster.runtime.cluster;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.node.Probe;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the addresses of this member known to the others. The cluster may lose a subscription
 * without a word (after a merge, a stall, several deaths at once), and others may go on with an old
 * idea of it. So in each round
 *
 * <ol>
 *   <li>the cluster's own table is read, which those use who have not called an address before;
 *   <li>one of the others, in turn, is asked to call all addresses, which shows what it has
 *       remembered: a call of one's own would only show what one remembers oneself.
 * </ol>
 *
 * What is missing is registered again; that makes every member read the table anew. A round follows
 * soon upon a member's coming or going, too.
 */
public final class SubscriptionWatch {
  private static final Logger log = LoggerFactory.getLogger(SubscriptionWatch.class);
  private static final Duration ASK_LIMIT = Duration.ofSeconds(2);
  private static final long ECHO_LIMIT_MS = 500;
  private static final long SOON_MS = 300;
  private static final long LONGEST_ROUND_NANOS = 10_000_000_000L;
  private static final String UNREADABLE = "the cluster's table of addresses cannot be read";
  private static final String LOST = "addresses had been lost, and were registered again";

  private final Vertx vertx;
  private final Cluster cluster;
  private final Bus bus;
  private final SubscriptionTable table;
  private final Map<String, Registration> watched = new ConcurrentHashMap<>();
  private final Set<String> heard = ConcurrentHashMap.newKeySet();
  private final long timer;
  private volatile String nonce = "";
  private int turn;
  private boolean busy;
  private boolean stopped;

  /** What the round that goes on has found so far. */
  private String found;

  private volatile long begunAt;
  private volatile String trouble;

  private SubscriptionWatch(Cluster cluster, Bus bus, Duration interval) {
    this.vertx = cluster.vertx();
    this.cluster = cluster;
    this.bus = bus;
    this.table = new SubscriptionTable(cluster.manager());
    this.timer = vertx.setPeriodic(interval.toMillis(), id -> round());
  }

  /**
   * Begins to watch, and answers the others.
   *
   * @param interval the time between two rounds
   */
  public static Future<SubscriptionWatch> start(Cluster cluster, Bus bus, Duration interval) {
    SubscriptionWatch watch = new SubscriptionWatch(cluster, bus, interval);
    bus.onEcho(watch::echoed);
    cluster.listen(watch.new Changes());
    return bus.serve(Addresses.probe(cluster.memberId()), watch::callBack)
        .onSuccess(watch::watch)
        .map(watch);
  }

  /** Watches an address from now on, until it is closed. */
  public void watch(Registration registration) {
    watched.put(registration.address(), registration);
  }

  /** What is wrong with how others find this member, as of the last round; names no host. */
  public Optional<String> trouble() {
    long begun = begunAt;
    return begun != 0 && System.nanoTime() - begun > LONGEST_ROUND_NANOS
        ? Optional.of("the cluster does not answer")
        : Optional.ofNullable(trouble);
  }

  /** Watches no longer. */
  public void stop() {
    stopped = true;
    vertx.cancelTimer(timer);
  }

  private void round() {
    if (busy || stopped) {
      return; // Reading the table may take seconds while a member falls silent.
    }
    busy = true;
    found = null;
    begunAt = System.nanoTime();
    watched.values().removeIf(registration -> !registration.isOpen());
    checkNode()
        .compose(v -> checkTable())
        .compose(v -> checkPeer())
        .onComplete(
            done -> {
              busy = false;
              begunAt = 0;
              trouble = done.failed() ? UNREADABLE : found;
              if (done.failed()) {
                log.debug("The watch over our addresses could not be kept", done.cause());
              }
            });
  }

  private Future<Void> checkNode() {
    return table
        .restoreNode()
        .map(
            wasLost -> {
              if (wasLost) {
                log.warn("The cluster had lost where our bus is: told it again");
                found = LOST;
              }
              return null;
            });
  }

  private Future<?> checkTable() {
    List<Future<Void>> checks = new ArrayList<>();
    for (Registration registration : List.copyOf(watched.values())) {
      checks.add(
          table
              .has(registration.address())
              .compose(
                  present ->
                      present
                          ? Future.succeededFuture()
                          : renew(registration, "the cluster had lost it")));
    }
    return Future.join(checks)
        .onFailure(cause -> found = UNREADABLE)
        .transform(any -> Future.succeededFuture());
  }

  private Future<?> checkPeer() {
    List<String> peers = new ArrayList<>(cluster.members());
    peers.remove(cluster.memberId());
    if (peers.isEmpty()) {
      return Future.succeededFuture();
    }
    String peer = peers.get(Math.floorMod(turn++, peers.size()));
    List<Registration> asked = List.copyOf(watched.values());
    heard.clear();
    nonce = UUID.randomUUID().toString();
    Probe.CallBack question =
        new Probe.CallBack(asked.stream().map(Registration::address).toList(), nonce);
    return bus.<Probe.CallingBack>ask(Addresses.probe(peer), question, ASK_LIMIT)
        .transform(
            answer -> {
              if (answer.succeeded()) {
                return echoes(asked, peer);
              }
              // It says nothing of our addresses: the peer may be stopped, or lost itself.
              log.debug("{} was not there to call back: {}", peer, answer.cause().getMessage());
              return Future.succeededFuture();
            });
  }

  private Future<?> echoes(List<Registration> asked, String peer) {
    Promise<Void> waited = Promise.promise();
    vertx.setTimer(ECHO_LIMIT_MS, id -> waited.complete());
    return waited
        .future()
        .compose(
            v -> {
              List<Future<Void>> renewals =
                  asked.stream()
                      .filter(registration -> !heard.contains(registration.address()))
                      .map(registration -> renew(registration, peer + " did not find it"))
                      .toList();
              return Future.join(renewals);
            });
  }

  private Future<Void> renew(Registration registration, String reason) {
    if (!registration.isOpen() || stopped) {
      return Future.succeededFuture();
    }
    log.warn("Registering {} again: {}", registration.address(), reason);
    found = LOST;
    return registration.renew();
  }

  private Future<Probe.CallingBack> callBack(Probe.CallBack question) {
    Probe.Echo echo = new Probe.Echo(question.nonce());
    question.addresses().forEach(address -> bus.publish(address, echo));
    return Future.succeededFuture(new Probe.CallingBack());
  }

  private void echoed(String address, Probe.Echo echo) {
    if (echo.nonce().equals(nonce)) {
      heard.add(address);
    }
  }

  private final class Changes implements MemberListener {
    @Override
    public void joined(String memberId) {
      vertx.setTimer(SOON_MS, id -> round());
    }

    @Override
    public void left(String memberId) {
      vertx.setTimer(SOON_MS, id -> round());
    }
  }
}
