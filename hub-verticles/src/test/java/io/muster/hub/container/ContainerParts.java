package io.muster.hub.container;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerSpec;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.auth.AdminGuard;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.http.ApiRoutes;
import io.muster.hub.storage.Database;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The routes of containers at a hub that knows the node {@code a}, which plays its containers. */
public final class ContainerParts {
  private ContainerParts() {}

  public static List<ApiRoutes> routes(Vertx vertx, Bus bus, Database database, AdminGuard guard) {
    bus.open(Addresses.node("a"), new PlayedNode("a").inbox()).await();
    return new ContainersDesk(
            vertx,
            bus,
            Settings.load(Role.HUB, Map.of(), Path.of("target")),
            database,
            new SomeNodes().with(SomeNodes.online("a", "m")),
            nodeId -> Set.of(),
            NodeOrders.over(bus, Duration.ofSeconds(10), (node, command) -> (Record) command),
            () -> true,
            new Events("hub-test", event -> {}, Clock.systemUTC()),
            Clock.systemUTC())
        .routes(guard);
  }

  /** A node whose containers are there as soon as they are asked for. */
  static final class PlayedNode {
    private final String id;
    private final Map<String, ContainerInfo> claims = new LinkedHashMap<>();

    PlayedNode(String id) {
      this.id = id;
    }

    Inbox inbox() {
      return new Inbox().serve(ContainerMessage.class, this::take);
    }

    private Future<? extends Record> take(ContainerMessage message) {
      if (message instanceof ContainerMessage.CreateContainer create) {
        boolean isNew = !claims.containsKey(create.spec().claimId());
        ContainerInfo info =
            claims.computeIfAbsent(create.spec().claimId(), c -> running(create.spec()));
        if (!info.hash().equals(ContainerJson.hash(create.spec()))) {
          throw new FaultException(Failure.CONFLICT, "'claim_id': asked for something else");
        }
        return Future.succeededFuture(new ContainerAnswer.Claimed(info, isNew));
      } else if (message instanceof ContainerMessage.ListContainers) {
        return Future.succeededFuture(
            new ContainerAnswer.Containers(id, List.copyOf(claims.values())));
      } else if (message instanceof ContainerMessage.InspectContainer inspect) {
        return details(inspect.id(), "{\"state\":{\"status\":\"running\"}}");
      } else if (message instanceof ContainerMessage.MeasureContainer measure) {
        return details(measure.id(), "{\"pids\":1}");
      } else if (message instanceof ContainerMessage.RemoveContainer remove) {
        return Future.succeededFuture(
            new ContainerAnswer.Claimed(claims.remove(find(remove.id()).claimId()), false));
      } else if (message instanceof ContainerMessage.StopContainer stop) {
        return Future.succeededFuture(new ContainerAnswer.Claimed(find(stop.id()), false));
      }
      return Future.failedFuture(new FaultException(Failure.INTERNAL, "not played"));
    }

    private Future<ContainerAnswer.Details> details(String claim, String json) {
      return Future.succeededFuture(
          new ContainerAnswer.Details(find(claim), json.getBytes(StandardCharsets.UTF_8)));
    }

    private ContainerInfo find(String claim) {
      ContainerInfo info = claims.get(claim);
      if (info == null) {
        throw new FaultException(Failure.NOT_FOUND, "There is no container '" + claim + "'.");
      }
      return info;
    }

    private ContainerInfo running(ContainerSpec spec) {
      return new ContainerInfo(
          id,
          spec.withoutEnv(),
          ContainerJson.hash(spec),
          "c-" + spec.claimId(),
          ContainerInfo.State.RUNNING,
          List.of(),
          spec.ports(),
          1,
          1,
          0,
          null,
          0,
          null,
          null);
    }
  }
}
