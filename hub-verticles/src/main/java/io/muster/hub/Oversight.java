package io.muster.hub;

import io.muster.bus.Registration;
import io.muster.hub.admin.Administration;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.admin.NodeTags;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.Administrators;
import io.muster.hub.events.EventsFeature;
import io.muster.hub.fleet.NodeView;
import io.muster.hub.history.HistoryRoutes;
import io.muster.hub.history.NodeHistory;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.node.NodeRecords;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.storage.Database;
import io.muster.hub.webhook.WebhooksFeature;
import io.muster.runtime.settings.AdminSettings;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** How people see and steer the fleet: administrators, what they order, and what they are told. */
final class Oversight {
  private final FleetSnapshot fleet;
  private final Administrators administrators;
  private final Administration administration;
  private final EventsFeature told;
  private final WebhooksFeature webhooks;
  private final NodeHistory history;
  private final HubContext hub;

  private Oversight(
      HubContext hub,
      Database database,
      NodeRegistry registry,
      NodeRecords records,
      FleetSnapshot fleet,
      NodeOrders orders,
      Administrators administrators) {
    this.hub = hub;
    this.fleet = fleet;
    this.administrators = administrators;
    this.administration =
        new Administration(
            hub.hubId(),
            hub.vertx(),
            hub.bus(),
            database,
            registry,
            records,
            fleet,
            administrators,
            hub.events(),
            hub.clock(),
            orders,
            hub.settings().get(AdminSettings.CONFIG_RETRY_MS));
    this.told =
        new EventsFeature(
                hub.vertx(),
                hub.settings(),
                hub.hubId(),
                database,
                fleet,
                hub.events(),
                administrators.guard(),
                administrators.tokens(),
                hub::isFirst,
                hub.clock())
            .metering(hub.meters());
    this.webhooks =
        new WebhooksFeature(
            hub.vertx(),
            hub.settings(),
            database,
            told.feed(),
            hub.events(),
            administrators.guard(),
            hub::isFirst,
            hub.build().version(),
            hub.clock());
    this.history =
        new NodeHistory(hub.vertx(), hub.settings(), database, fleet, hub::isFirst, hub.clock());
  }

  /** Reads what was ordered before, and makes the first administrator where there is none. */
  static Future<Oversight> start(
      HubContext hub,
      Database database,
      NodeRegistry registry,
      NodeRecords records,
      FleetSnapshot fleet,
      NodeOrders orders,
      Consumer<Registration> watch) {
    return Administrators.start(
            hub.vertx(), database, hub.config().administrators(), hub.events(), hub.clock())
        .map(
            administrators ->
                new Oversight(hub, database, registry, records, fleet, orders, administrators))
        .compose(
            started ->
                started
                    .administration
                    .start(watch)
                    .compose(v -> started.told.start(hub.bus(), watch))
                    .onSuccess(v -> started.webhooks.start())
                    .onSuccess(v -> started.history.start())
                    .map(started));
  }

  /** Who may administer. */
  AdminGuard guard() {
    return administrators.guard();
  }

  NodeTags tags() {
    return administration.tags();
  }

  List<ApiRoutes> routes() {
    List<ApiRoutes> routes = new ArrayList<>(administration.routes());
    routes.add(told);
    routes.add(webhooks);
    routes.add(new HistoryRoutes(history, fleet, guard(), hub.clock()));
    return routes;
  }

  /** A node registered, or its state changed. */
  void changed(String nodeId) {
    told.changed(nodeId);
    fleet.node(nodeId).filter(NodeView::isUp).ifPresent(administration::online);
  }

  /** A member of the cluster went away. */
  void memberGone() {
    told.memberGone();
  }

  /** While the database is still open. */
  Future<Void> closeEvents() {
    return webhooks.close().eventually(history::close).eventually(told::close);
  }

  void close() {
    administration.close();
    administrators.close();
  }
}
