package io.muster.worker.link;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.Registration;
import io.muster.bus.Uplink;
import io.muster.identity.FleetKey;
import io.muster.identity.NodeKeys;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.relay.RelayPeer;
import io.muster.runtime.cluster.Unclustered;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketClient;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker that is connected to one hub by a WebSocket which it opened itself, and to all others
 * through that one. Everything that its bus does not find in this process goes over it.
 *
 * <pre>
 *              ┌────────────── pause, twice as long each time ◀─────────────┐
 *              ▼                                                            │
 *   AWAY ──▶ connecting ──▶ logging in ──▶ JOINED ──▶ (broken, silent) ─────┘
 *                               │
 *                               └──▶ refused: the process ends
 * </pre>
 */
public final class SocketLink implements Fleet, Uplink {
  private static final Logger log = LoggerFactory.getLogger(SocketLink.class);

  /** A connection that held for so long was a good one: the next pause is a short one again. */
  private static final long GOOD_NANOS = 5_000_000_000L;

  /** After so long nobody contends for this node's place. */
  private static final long SETTLED_NANOS = 60_000_000_000L;

  private static final int MAX_TAKE_OVERS = 3;
  private static final long FLUSH_LOOK_MS = 10;

  private final SocketOptions options;
  private final Login login;
  private final Vertx vertx;
  private final Bus bus;
  private final Backoff backoff;
  private final Grumble grumble;
  private WebSocketClient client;
  private Supplier<NodeInfo> self;
  private Listener listener;
  private HubConnection connection;
  private RelayPeer peer;
  private String nodeAddress;
  private String hubId = "";
  private long joinedAt;
  private int takeOvers;
  private boolean leaving;

  private SocketLink(SocketOptions options, Login login) {
    this.options = options;
    this.login = login;
    this.vertx = Unclustered.vertx();
    this.bus = new Bus(vertx, this);
    this.backoff =
        new Backoff(
            options.retryMinMs(),
            options.retryMaxMs(),
            () -> ThreadLocalRandom.current().nextDouble());
    this.grumble = new Grumble(System::nanoTime);
  }

  /** See {@link SocketOptions#wanted}. */
  public static boolean isWanted(Settings settings) {
    return SocketOptions.wanted(settings);
  }

  /**
   * Prepares everything; nothing is connected before {@link #begin}.
   *
   * @param keys by which the hub knows this node
   * @throws StartRefused when the settings cannot be used
   */
  public static Fleet prepare(Settings settings, NodeKeys keys) {
    SocketOptions options = SocketOptions.of(settings);
    Login login =
        new Login(
            keys,
            settings.find(IdentitySettings.JOIN_TOKEN).orElse(null),
            settings.find(Catalogue.ROOT_NODE_SECRET).orElse(null));
    if (options.isOpen()) {
      log.warn(
          "ROOT_NODE_URL={}: what passes between this worker and the hub can be read on the way:"
              + " use https or wss",
          options.url());
    }
    return new SocketLink(options, login);
  }

  @Override
  public Vertx vertx() {
    return vertx;
  }

  @Override
  public Bus bus() {
    return bus;
  }

  @Override
  public String memberId() {
    return null;
  }

  @Override
  public String describe() {
    return "joined by a socket to " + options.url();
  }

  @Override
  public void listen(Listener whom) {
    listener = whom;
  }

  /** The hub's end does it: a bus that ends here cannot lose anything. */
  @Override
  public Future<Consumer<Registration>> watch() {
    return Future.succeededFuture(registration -> {});
  }

  @Override
  public void begin(Supplier<NodeInfo> node) {
    self = node;
    nodeAddress = Addresses.node(node.get().id());
    client = vertx.createWebSocketClient(options.client());
    connect();
  }

  @Override
  public void announce(NodeMessage message) {
    bus.publish(Addresses.HUBS, (Record) message);
  }

  @Override
  public <R> Future<R> ask(String address, Record question, Duration timeout) {
    if (peer == null) {
      return unreachable();
    }
    return peer.ask(address, question, timeout)
        .map(
            answer -> {
              @SuppressWarnings("unchecked") // As on the bus: the asker knows what is answered.
              R reply = (R) answer;
              return reply;
            });
  }

  @Override
  public Future<Void> tell(String address, Record message) {
    return peer == null ? unreachable() : peer.tell(address, message);
  }

  @Override
  public void publish(String address, Record message) {
    if (peer != null) {
      peer.publish(address, message)
          .onFailure(cause -> log.debug("not published: {}", cause.getMessage()));
    }
  }

  @Override
  public Future<Void> leave(Duration limit) {
    Promise<Void> gone = Promise.promise();
    vertx.runOnContext(
        v -> {
          leaving = true;
          flushed(System.nanoTime() + limit.toNanos() / 2)
              .onComplete(
                  done -> {
                    if (connection != null) {
                      connection.close();
                    }
                    vertx.setTimer(FLUSH_LOOK_MS, id -> gone.complete());
                  });
        });
    return gone.future()
        .compose(v -> vertx.close())
        .timeout(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)
        .otherwiseEmpty();
  }

  private Future<Void> flushed(long deadline) {
    Promise<Void> empty = Promise.promise();
    vertx.setPeriodic(
        FLUSH_LOOK_MS,
        id -> {
          if (peer == null || peer.queuedBytes() == 0 || System.nanoTime() - deadline > 0) {
            vertx.cancelTimer(id);
            empty.complete();
          }
        });
    return empty.future();
  }

  private void connect() {
    if (leaving) {
      return;
    }
    HubConnection attempt = new HubConnection(vertx, options, login, self, new Events());
    connection = attempt;
    attempt.open(client);
  }

  private static <T> Future<T> unreachable() {
    return Future.failedFuture(new FaultException(Failure.UNREACHABLE, "not connected to the hub"));
  }

  /** What the connection that is tried or used tells. */
  private final class Events implements HubConnection.Listener {
    @Override
    public void joined(HubConnection opened, Login.Challenge by, FleetKey fleet) {
      hubId = by.hubId();
      joinedAt = System.nanoTime();
      peer =
          new RelayPeer(
              opened, new HubInward(bus.local(), nodeAddress), options.limits(by.frameBytes()));
      grumble.over();
      log.info("joined {} at {}", hubId, options.url());
      listener.joined(hubId, fleet);
    }

    @Override
    public void received(Buffer frame) {
      peer.receive(frame);
    }

    @Override
    public void closed(String why) {
      boolean wasJoined = peer != null;
      if (wasJoined) {
        peer.close();
        peer = null;
        if (System.nanoTime() - joinedAt > GOOD_NANOS) {
          backoff.reset();
        }
      }
      connection = null;
      if (leaving) {
        return;
      }
      long pause = backoff.next();
      if (grumble.isNew(why)) {
        log.warn(
            "{} {}: {}; trying again",
            wasJoined ? "lost" : "cannot reach",
            wasJoined ? hubId : "the hub at " + options.url(),
            why);
      }
      vertx.setTimer(Math.max(1, pause), id -> connect());
      if (wasJoined) {
        listener.hubGone(hubId);
        listener.cutOff("the connection to " + hubId + " broke");
      }
    }

    @Override
    public void takenOver() {
      // Once may be our own connection of before; who goes on like that has our key and our id.
      if (System.nanoTime() - joinedAt > SETTLED_NANOS) {
        takeOvers = 0;
      }
      String why = "another process joined as this node";
      if (++takeOvers < MAX_TAKE_OVERS) {
        closed(why);
      } else {
        refused(why + ": give each an id and a DATA_DIR of its own");
      }
    }

    @Override
    public void refused(String reason) {
      leaving = true;
      connection = null;
      listener.refused(reason);
    }
  }
}
