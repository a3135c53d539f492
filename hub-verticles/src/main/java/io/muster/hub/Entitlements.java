package io.muster.hub;

import io.muster.bus.Addresses;
import io.muster.bus.Registration;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.http.Admission;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.quota.QuotaApi;
import io.muster.hub.quota.Quotas;
import io.muster.hub.storage.Database;
import io.muster.quota.QuotaMessage;
import io.vertx.core.Future;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Who may use how much: the quotas, and the admission that every request passes. */
final class Entitlements {
  private final HubContext hub;
  private final Quotas quotas;
  private final Admission admission;

  /**
   * @param tags of a node, as administrators gave them
   */
  Entitlements(
      HubContext hub,
      Database database,
      NodeRegistry registry,
      Function<String, Set<String>> tags) {
    this.hub = hub;
    this.quotas =
        new Quotas(
                hub.vertx(),
                database,
                hub.hubId(),
                hub.config().quotas(),
                Quotas.Nodes.of(
                    nodeId -> registry.find(nodeId).map(node -> node.info().type()).orElse(null),
                    tags),
                hub.events()::emit,
                System::nanoTime)
            .metering(hub.meters());
    this.admission = hub.config().admission(quotas);
  }

  /** Reads the quotas, and again whenever another hub changes them. */
  Future<Void> start(Consumer<Registration> watch) {
    return quotas
        .start()
        .compose(
            v ->
                hub.bus().<QuotaMessage>listen(Addresses.QUOTAS, changed -> quotas.reloadQuietly()))
        .onSuccess(watch::accept)
        .mapEmpty();
  }

  Admission admission() {
    return admission;
  }

  ApiRoutes routes(AdminGuard guard) {
    return new QuotaApi(
        quotas,
        guard,
        () -> hub.bus().publish(Addresses.QUOTAS, new QuotaMessage.Changed(hub.hubId())),
        hub.events()::emit,
        hub.clock());
  }

  /** While the database is still open. */
  Future<Void> close() {
    return quotas.close();
  }
}
