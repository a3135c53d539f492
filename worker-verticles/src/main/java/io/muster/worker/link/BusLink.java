package io.muster.worker.link;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Registration;
import io.muster.identity.NodeKeys;
import io.muster.identity.NodeSigner;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.runtime.cluster.Cluster;
import io.muster.runtime.cluster.MemberListener;
import io.muster.runtime.cluster.SubscriptionWatch;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A worker that is a member of the hubs' cluster. */
public final class BusLink implements Fleet {
  private final Cluster cluster;
  private final Bus bus;
  private final Duration watchInterval;
  private final NodeSigner signer;
  private final String joinToken;
  private SubscriptionWatch watch;

  private BusLink(Settings settings, Cluster cluster, NodeSigner signer) {
    this.cluster = cluster;
    this.bus = new Bus(cluster.vertx());
    this.watchInterval = Duration.ofMillis(settings.get(Catalogue.WATCHDOG_INTERVAL_MS));
    this.signer = signer;
    this.joinToken = settings.find(IdentitySettings.JOIN_TOKEN).orElse(null);
  }

  /**
   * Joins the cluster.
   *
   * @param keys what this node says of itself is signed with them
   * @return what {@link Cluster#join} fails with, if it does
   */
  public static Future<Fleet> join(Settings settings, String nodeId, NodeKeys keys) {
    Future<Cluster> joined = Cluster.join(settings);
    Bus.prepare();
    NodeSigner signer = new NodeSigner(nodeId, keys, System::currentTimeMillis);
    // Not on the event loop: loading all its classes takes a while.
    return joined.compose(
        cluster ->
            cluster.vertx().executeBlocking(() -> new BusLink(settings, cluster, signer), false));
  }

  @Override
  public Vertx vertx() {
    return cluster.vertx();
  }

  @Override
  public Bus bus() {
    return bus;
  }

  @Override
  public String memberId() {
    return cluster.memberId();
  }

  @Override
  public String describe() {
    return "a member of the cluster";
  }

  @Override
  public void listen(Listener listener) {
    cluster.listen(
        new MemberListener() {
          @Override
          public void joined(String memberId) {
            // A hub says hello itself.
          }

          @Override
          public void left(String memberId) {
            listener.hubGone(HubMessage.hubId(memberId));
          }
        });
  }

  @Override
  public Future<Consumer<Registration>> watch() {
    return SubscriptionWatch.start(cluster, bus, watchInterval)
        .onSuccess(started -> watch = started)
        .map(started -> started::watch);
  }

  @Override
  public void begin(Supplier<NodeInfo> self) {
    // It is heard as soon as it speaks.
  }

  @Override
  public void announce(NodeMessage message) {
    NodeMessage said = message;
    if (message instanceof NodeMessage.Register register) {
      said = new NodeMessage.Register(register.info(), register.proof(), joinToken);
    }
    bus.publish(Addresses.HUBS, signer.sign(said));
  }

  @Override
  public Future<Void> leave(Duration limit) {
    if (watch != null) {
      watch.stop();
    }
    return cluster.leave(limit);
  }
}
