package io.muster.worker.container;

import io.muster.bus.Ack;
import io.muster.bus.Inbox;
import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerMessage.AskOffer;
import io.muster.container.ContainerMessage.CreateContainer;
import io.muster.container.ContainerMessage.EndFollow;
import io.muster.container.ContainerMessage.FollowContainer;
import io.muster.container.ContainerMessage.InspectContainer;
import io.muster.container.ContainerMessage.ListContainers;
import io.muster.container.ContainerMessage.MeasureContainer;
import io.muster.container.ContainerMessage.ReadFollow;
import io.muster.container.ContainerMessage.RemoveContainer;
import io.muster.container.ContainerMessage.RestartContainer;
import io.muster.container.ContainerMessage.StopContainer;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** What hubs ask of this node's containers. */
final class ContainerInbox {
  /** Well below what one message over a socket may hold. */
  private static final int MOST_BYTES = 128 << 10;

  private static final int LONGEST_WAIT_MS = 20_000;

  private final String nodeId;
  private final Desk desk;
  private final Follows follows;

  ContainerInbox(String nodeId, Desk desk, Follows follows) {
    this.nodeId = nodeId;
    this.desk = desk;
    this.follows = follows;
  }

  Inbox inbox() {
    return new Inbox().serve(ContainerMessage.class, this::take);
  }

  private Future<? extends Record> take(ContainerMessage message) {
    if (message instanceof ReadFollow read) {
      return follows.read(
          read.stream(),
          Math.min(MOST_BYTES, read.maxBytes()),
          Math.min(LONGEST_WAIT_MS, read.waitMs()));
    } else if (message instanceof AskOffer ask) {
      return Future.succeededFuture(desk.offer(ask.claimId()));
    } else if (message instanceof ListContainers) {
      return Future.succeededFuture(new ContainerAnswer.Containers(nodeId, desk.list()));
    } else if (message instanceof CreateContainer create) {
      return desk.create(create.spec());
    } else if (message instanceof InspectContainer inspect) {
      return details(inspect.id(), desk.inspect(inspect.id()));
    } else if (message instanceof MeasureContainer measure) {
      return details(measure.id(), desk.measure(measure.id()));
    } else if (message instanceof StopContainer stop) {
      return claimed(desk.stop(stop.id(), stop.graceSeconds()));
    } else if (message instanceof RestartContainer restart) {
      return claimed(desk.restart(restart.id(), restart.graceSeconds()));
    } else if (message instanceof RemoveContainer remove) {
      return claimed(desk.remove(remove.id(), remove.graceSeconds()));
    } else if (message instanceof FollowContainer follow) {
      return Future.succeededFuture(
          new ContainerAnswer.Following(
              follows.begin(desk.find(follow.id()), follow.tail(), follow.follow())));
    } else if (message instanceof EndFollow end) {
      follows.end(end.stream());
    }
    return Future.succeededFuture(Ack.OK);
  }

  private Future<ContainerAnswer.Details> details(String id, Future<JsonObject> told) {
    return told.map(json -> new ContainerAnswer.Details(desk.info(id), json.toBuffer().getBytes()));
  }

  private static Future<ContainerAnswer.Claimed> claimed(Future<ContainerInfo> done) {
    return done.map(info -> new ContainerAnswer.Claimed(info, false));
  }
}
