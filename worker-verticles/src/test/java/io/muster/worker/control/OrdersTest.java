package io.muster.worker.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Ack;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.container.ContainerMessage;
import io.muster.identity.Command;
import io.muster.identity.CommandGuard;
import io.muster.identity.CommandSigner;
import io.muster.identity.FleetTrust;
import io.muster.identity.NodeKeys;
import io.muster.identity.Order;
import io.muster.node.NodeCommand;
import io.muster.tunnel.TunnelMessage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrdersTest {
  private static final NodeKeys FLEET = NodeKeys.generate();

  private final List<Object> done = new ArrayList<>();
  private final CommandSigner hub = new CommandSigner("hub", FLEET, null, () -> 42);
  private final Inbox inbox =
      new Orders(
              new CommandGuard("w", () -> "i", FleetTrust.only(FLEET.publicKey()), 1_000, () -> 42),
              new Inbox()
                  .serve(NodeCommand.class, this::take)
                  .serve(ContainerMessage.class, this::take)
                  .serve(TunnelMessage.class, this::take))
          .inbox();

  private Future<Ack> take(Object message) {
    done.add(message);
    return Future.succeededFuture(Ack.OK);
  }

  private void refuses(Object message) {
    assertThatThrownBy(() -> inbox.take(message))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> assertThat(e.fault().failure()).isEqualTo(Failure.FORBIDDEN));
    assertThat(done).isEmpty();
  }

  @Test
  void partsHearCommandsOnlyWithinOrders() {
    List<Command> commands =
        List.of(
            new NodeCommand.DrainNode("why"),
            new ContainerMessage.RemoveContainer("c", 1),
            new ContainerMessage.ListContainers(),
            new TunnelMessage.TunnelPlan("s", List.of(), List.of()),
            new TunnelMessage.ShowTunnels());
    commands.forEach(this::refuses);
    for (Command command : commands) {
      assertThat(inbox.take(hub.sign("w", "i", command)).result()).isEqualTo(Ack.OK);
    }
    assertThat(done).isEqualTo(commands);
  }

  @Test
  void anOrderIsObeyedOnce() {
    Order order = hub.sign("w", "i", new ContainerMessage.RemoveContainer("c", 1));
    inbox.take(order);
    done.clear();
    refuses(order);
  }

  @Test
  void whatIsNoCommandNeedsNoOrder() {
    ContainerMessage read = new ContainerMessage.ReadFollow("s", 1, 1);
    assertThat(inbox.take(read).result()).isEqualTo(Ack.OK);
    assertThat(done).containsExactly(read);
  }

  @Test
  void whatAPartFailsWithIsTheAnswer() {
    Inbox failing =
        new Orders(
                new CommandGuard(
                    "w", () -> "i", FleetTrust.only(FLEET.publicKey()), 1_000, () -> 42),
                new Inbox()
                    .serve(
                        ContainerMessage.class,
                        message ->
                            Future.failedFuture(
                                new FaultException(Failure.CONFLICT, "asked before"))))
            .inbox();
    Future<? extends Record> answer =
        failing.take(hub.sign("w", "i", new ContainerMessage.ListContainers()));
    assertThat(answer.cause())
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault().failure()).isEqualTo(Failure.CONFLICT));
  }
}
