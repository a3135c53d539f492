package io.muster.hub.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerJson;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerSpec;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A node whose containers are there, and well, as soon as they are asked for. */
final class PlayedNode {
  final Map<String, ContainerInfo> claims = new LinkedHashMap<>();

  /** What it was told to remove. */
  final List<String> removed = new ArrayList<>();

  /** Why it makes nothing new; null where it does. */
  Failure refuses;

  /** Whether it takes any command: it does not know the hub, or is another process of the node. */
  boolean believes = true;

  /** What goes before its next list. */
  Supplier<Future<Void>> beforeList = Future::succeededFuture;

  private final String id;

  PlayedNode(String id) {
    this.id = id;
  }

  Inbox inbox() {
    return new Inbox().serve(ContainerMessage.class, this::take);
  }

  private Future<? extends Record> take(ContainerMessage message) {
    if (!believes) {
      throw new FaultException(Failure.FORBIDDEN, "does not take this command");
    }
    if (message instanceof ContainerMessage.CreateContainer create) {
      return create(create.spec());
    } else if (message instanceof ContainerMessage.ListContainers) {
      Supplier<Future<Void>> before = beforeList;
      beforeList = Future::succeededFuture;
      return before
          .get()
          .map(v -> new ContainerAnswer.Containers(id, List.copyOf(claims.values())));
    } else if (message instanceof ContainerMessage.InspectContainer inspect) {
      return details(inspect.id(), "{\"state\":{\"status\":\"running\"}}");
    } else if (message instanceof ContainerMessage.MeasureContainer measure) {
      return details(measure.id(), "{\"pids\":1}");
    } else if (message instanceof ContainerMessage.RemoveContainer remove) {
      removed.add(remove.id());
      return Future.succeededFuture(
          new ContainerAnswer.Claimed(claims.remove(find(remove.id()).claimId()), false));
    } else if (message instanceof ContainerMessage.StopContainer stop) {
      return Future.succeededFuture(new ContainerAnswer.Claimed(find(stop.id()), false));
    } else if (message instanceof ContainerMessage.AskOffer ask) {
      return Future.succeededFuture(
          new ContainerAnswer.Offer(
              id,
              null,
              List.of(),
              0,
              1L << 40,
              claims.size(),
              ask.claimId() == null ? null : claims.get(ask.claimId())));
    }
    return Future.failedFuture(new FaultException(Failure.INTERNAL, "not played"));
  }

  private Future<ContainerAnswer.Claimed> create(ContainerSpec spec) {
    boolean isNew = !claims.containsKey(spec.claimId());
    if (isNew && refuses != null) {
      return Future.failedFuture(new FaultException(refuses, "played"));
    }
    ContainerInfo info = claims.computeIfAbsent(spec.claimId(), c -> running(spec));
    if (!info.hash().equals(ContainerJson.hash(spec))) {
      throw new FaultException(Failure.CONFLICT, "'claim_id': asked for something else");
    }
    return Future.succeededFuture(new ContainerAnswer.Claimed(info, isNew));
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
        spec.server() == null ? null : "healthy");
  }
}
