package io.muster.hub.events;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.event.ClusterEvent;
import io.muster.event.Events;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.AdminTokens;
import io.muster.hub.fleet.FleetView;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.muster.node.HubMessage;
import io.muster.runtime.ops.Access;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.EventSettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Everything about events in a hub, put together. Used on the hub's event loop. */
public final class EventsFeature implements ApiRoutes {
  private static final Logger log = LoggerFactory.getLogger(EventsFeature.class);

  private static final long LOOK_MS = 250;
  private static final long KEEP_ALIVE_MS = 15_000;
  private static final long PRUNE_MS = 60_000;
  private static final int RECENT = 2_000;
  private static final int MAX_UNWRITTEN = 20_000;
  private static final long HOUR_MS = 3_600_000;

  private final Vertx vertx;
  private final String hubId;
  private final EventLog store;
  private final EventFeed feed;
  private final NodeTeller nodes;
  private final EventsApi api;
  private final EventsBridge bridge;
  private final Readers readers;
  private final long recheckMs;
  private final List<Long> timers = new ArrayList<>();

  /**
   * @param first whether this hub is, of those that live, the one that joined first
   */
  public EventsFeature(
      Vertx vertx,
      Settings settings,
      String hubId,
      Database database,
      FleetView fleet,
      Events events,
      AdminGuard guard,
      AdminTokens tokens,
      BooleanSupplier first,
      Clock clock) {
    this.vertx = vertx;
    this.hubId = hubId;
    this.store =
        new EventLog(
            database,
            new EventLog.Options(
                settings.get(EventSettings.EVENT_LOG_SIZE),
                settings.get(EventSettings.EVENT_LOG_HOURS) * HOUR_MS,
                MAX_UNWRITTEN),
            clock);
    this.recheckMs = settings.get(EventSettings.EVENT_RECHECK_MS);
    int subscribers = settings.get(EventSettings.EVENT_MAX_SUBSCRIBERS);
    long authMs = settings.get(EventSettings.EVENT_AUTH_TIMEOUT_MS);
    this.feed =
        new EventFeed(
            new EventFeed.Options(
                RECENT, settings.get(EventSettings.EVENT_QUEUE_SIZE), subscribers),
            store,
            event -> isOurs(event, first),
            clock);
    this.nodes = new NodeTeller(fleet, first, events::emit, clock);
    this.readers = new Readers(tokens, Access.tokens(settings.get(Catalogue.API_KEYS)));
    this.api = new EventsApi(vertx, feed, guard, readers, authMs);
    this.bridge = new EventsBridge(vertx, readers, subscribers, authMs);
  }

  /** A hub keeps what it told itself; what nodes told is kept by the first hub. */
  private boolean isOurs(ClusterEvent event, BooleanSupplier first) {
    return event.source().equals(hubId)
        || (!event.source().startsWith(HubMessage.hubId("")) && first.getAsBoolean());
  }

  /**
   * Begins to hear and to tell.
   *
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public Future<Void> start(Bus bus, Consumer<Registration> watchdog) {
    feed.listen(told -> bus.publishHere(Addresses.EVENTS_JSON, told.toJson()));
    timers.add(vertx.setPeriodic(LOOK_MS, id -> nodes.look()));
    timers.add(vertx.setPeriodic(KEEP_ALIVE_MS, id -> feed.keepAlive()));
    timers.add(
        vertx.setPeriodic(
            recheckMs,
            id -> {
              feed.recheck(readers::byToken);
              bridge.recheck();
            }));
    timers.add(
        vertx.setPeriodic(
            PRUNE_MS,
            id ->
                store
                    .prune()
                    .onFailure(e -> log.warn("old events are not forgotten: {}", e.getMessage()))));
    return bus.<ClusterEvent>listen(Addresses.EVENTS, this::hear)
        .onSuccess(watchdog::accept)
        .mapEmpty();
  }

  private void hear(ClusterEvent event) {
    if (!event.source().equals(hubId)) {
      nodes.heard(event);
    }
    feed.hear(event);
  }

  /** Of a node something has changed. */
  public void changed(String nodeId) {
    nodes.look(nodeId);
  }

  /** A member of the cluster is gone. */
  public void memberGone() {
    nodes.hubGone();
  }

  /** Counts those who listen, and what they and the log missed. */
  public EventsFeature metering(MeterRegistry registry) {
    Gauge.builder("muster.events.subscribers", feed, EventFeed::subscribers)
        .description("Subscribers of events by server-sent events and WebSocket")
        .register(registry);
    FunctionCounter.builder("muster.events.cut.off", feed, EventFeed::cutOff)
        .description("Subscribers that were cut off because they were too slow")
        .tag("way", "stream")
        .register(registry);
    FunctionCounter.builder("muster.events.cut.off", bridge, EventsBridge::cutOff)
        .description("Subscribers that were cut off because they were too slow")
        .tag("way", "bridge")
        .register(registry);
    FunctionCounter.builder("muster.events.not.kept", store, EventLog::dropped)
        .description("Events that the database did not get")
        .register(registry);
    return this;
  }

  /** What subscribers in this process listen to. */
  public EventFeed feed() {
    return feed;
  }

  @Override
  public void add(Router router, Api routes) {
    api.add(router, routes);
    bridge.add(router, routes);
  }

  /** Writes what is to be kept, and nothing more. */
  public Future<Void> close() {
    timers.forEach(vertx::cancelTimer);
    return store.written();
  }
}
