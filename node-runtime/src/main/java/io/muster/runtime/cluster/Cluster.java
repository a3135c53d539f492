package io.muster.runtime.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.net.BindException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process as a member of the cluster, with the clustered Vert.x that everything runs on. */
public final class Cluster {
  private static final Logger log = LoggerFactory.getLogger(Cluster.class);
  private static final String NODE_ID_ATTRIBUTE = "__vertx.nodeId";

  /** Says of a member whether it is a hub or a worker. */
  static final String ROLE_ATTRIBUTE = "muster.role";

  private final Vertx vertx;
  private final HazelcastClusterManager manager;

  private Cluster(Vertx vertx, HazelcastClusterManager manager) {
    this.vertx = vertx;
    this.manager = manager;
  }

  /**
   * Joins the cluster, or begins one.
   *
   * @return the member, or a {@link StartRefused} when the settings do not let it join
   */
  public static Future<Cluster> join(Settings settings) {
    return join(settings, UnaryOperator.identity());
  }

  /**
   * Joins the cluster, or begins one.
   *
   * @param more what else the Vert.x is to have, such as metrics
   * @return the member, or a {@link StartRefused} when the settings do not let it join
   */
  public static Future<Cluster> join(Settings settings, UnaryOperator<VertxBuilder> more) {
    ClusterConfig config;
    VertxOptions options;
    try {
      config = ClusterConfig.load(settings);
      PortCheck.check(settings);
      options = options(settings);
    } catch (StartRefused e) {
      return Future.failedFuture(e);
    }
    HazelcastClusterManager manager = new HazelcastClusterManager(config.config());
    return more.apply(Vertx.builder().with(options).withClusterManager(manager))
        .buildClustered()
        .map(
            vertx -> {
              config.search().ifPresent(search -> remember(search, manager));
              return new Cluster(vertx, manager);
            })
        .recover(cause -> Future.failedFuture(reason(settings, cause)));
  }

  /** The Vert.x whose event bus reaches all members. */
  public Vertx vertx() {
    return vertx;
  }

  /** This member's id: another at every start. */
  public String memberId() {
    return manager.getNodeId();
  }

  /** Whether this process is a member; false once it has left, or was shut out. */
  public boolean isMember() {
    HazelcastInstance hazelcast = manager.getHazelcastInstance();
    return hazelcast != null && hazelcast.getLifecycleService().isRunning();
  }

  /** The ids of all members there are now, this one among them. */
  public List<String> members() {
    return manager.getNodes();
  }

  /**
   * The ids of all members there are now that are hubs, the one that joined first at the front: all
   * members see them in the same order.
   */
  public List<String> hubs() {
    return manager.getHazelcastInstance().getCluster().getMembers().stream()
        .filter(member -> Role.HUB.name().equals(member.getAttribute(ROLE_ATTRIBUTE)))
        .map(member -> member.getAttribute(NODE_ID_ATTRIBUTE))
        .toList();
  }

  /** Hears of members from now on, on the current Vert.x context. */
  public void listen(MemberListener listener) {
    Context context = vertx.getOrCreateContext();
    manager
        .getHazelcastInstance()
        .getCluster()
        .addMembershipListener(
            new MembershipListener() {
              @Override
              public void memberAdded(MembershipEvent event) {
                String id = event.getMember().getAttribute(NODE_ID_ATTRIBUTE);
                context.runOnContext(v -> listener.joined(id));
              }

              @Override
              public void memberRemoved(MembershipEvent event) {
                String id = event.getMember().getAttribute(NODE_ID_ATTRIBUTE);
                context.runOnContext(v -> listener.left(id));
              }
            });
  }

  /**
   * Undeploys everything, leaves the cluster and closes Vert.x.
   *
   * @param limit after which the leaving is given up: the others then notice the closed connection
   * @return always succeeds
   */
  public Future<Void> leave(Duration limit) {
    return vertx
        .close()
        .timeout(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)
        .otherwise(
            cause -> {
              log.warn("Left the cluster without a farewell: {}", cause.getMessage());
              return null;
            });
  }

  ClusterManager manager() {
    return manager;
  }

  private static VertxOptions options(Settings settings) {
    return Unclustered.options().setEventBusOptions(BusOptions.of(settings));
  }

  private static void remember(MemberSearch search, HazelcastClusterManager manager) {
    HazelcastInstance hazelcast = manager.getHazelcastInstance();
    hazelcast
        .getCluster()
        .addMembershipListener(
            new MembershipListener() {
              @Override
              public void memberAdded(MembershipEvent event) {
                search.remember(event.getMember().getAddress());
              }

              @Override
              public void memberRemoved(MembershipEvent event) {
                // It may have been cut off: that is what remembering is for.
              }
            });
    for (Member member : hazelcast.getCluster().getMembers()) {
      search.remember(member.getAddress());
    }
  }

  /** Names the setting behind what usually goes wrong. */
  private static Throwable reason(Settings settings, Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at.getMessage() != null && at.getMessage().contains("Hazelcast cannot start")) {
        return PortCheck.noClusterPort(settings);
      }
      if (at instanceof BindException) {
        return PortCheck.busTaken(settings);
      }
    }
    return cause;
  }
}
