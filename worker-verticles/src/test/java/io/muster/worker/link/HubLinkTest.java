package io.muster.worker.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.identity.CommandGuard;
import io.muster.identity.CommandSigner;
import io.muster.identity.NodeKeys;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.node.NodeType;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HubLinkTest {
  private final NodeInfo info =
      new NodeInfo(
          "n",
          "i",
          null,
          "n",
          null,
          NodeType.WORKER,
          "1",
          0,
          null,
          null,
          null,
          null,
          null,
          null,
          1,
          null,
          null);
  private final List<NodeMessage> said = new ArrayList<>();
  private final List<String> refused = new ArrayList<>();
  private final NodeKeys fleet = NodeKeys.generate();
  private final CommandSigner hub = new CommandSigner("hub", fleet, null, () -> 42);
  private final FleetPin pin =
      FleetPin.open(
          Settings.load(Role.WORKER, Map.of("DATA_DIR", "/nowhere"), Path.of("/nowhere")),
          action -> {});
  private final HubLink link =
      new HubLink(
          () -> info,
          node -> "proof of " + node.id(),
          () -> NodeStats.NONE,
          () -> null,
          said::add,
          refused::add,
          pin,
          new CommandGuard("n", () -> "i", pin, 1_000, () -> 42),
          () -> 42);

  @Test
  void registersWheneverAHubAsks() {
    link.receive(new HubMessage.Hello("hub", "1"));
    link.receive(new HubMessage.Unknown("hub", "n", "i"));
    assertThat(said)
        .containsExactly(
            new NodeMessage.Register(info, "proof of " + info.id()),
            new NodeMessage.Register(info, "proof of " + info.id()));
    link.receive(new HubMessage.Unknown("hub", "other", "i"));
    link.receive(new HubMessage.Unknown("hub", "n", "before"));
    assertThat(said).hasSize(2);
  }

  @Test
  void remembersWhoWelcomedIt() {
    link.receive(new HubMessage.Welcome("hub", "n", "i"));
    link.receive(new HubMessage.Welcome("other", "n", "before"));
    link.receive(new HubMessage.Welcome("third", "m", "i"));
    assertThat(link.hubs()).isEqualTo(Map.of("hub", 42L));
    link.forget("hub");
    assertThat(link.hubs()).isEmpty();
  }

  @Test
  void saysThatItDrainsAndThenThatItLeaves() {
    link.heartbeat();
    link.drain("stopping");
    link.heartbeat();
    link.receive(new HubMessage.Hello("new", "1"));
    link.unregister("done");
    link.heartbeat();
    link.register();
    link.receive(new HubMessage.Hello("newer", "1"));
    link.receive(new HubMessage.Refused("hub", "n", "i", "late"));
    assertThat(said)
        .containsExactly(
            new NodeMessage.Heartbeat("n", "i", false, NodeStats.NONE, null),
            new NodeMessage.Drain("n", "i", "stopping"),
            new NodeMessage.Heartbeat("n", "i", true, NodeStats.NONE, null),
            new NodeMessage.Register(info, "proof of " + info.id()),
            new NodeMessage.Drain("n", "i", "stopping"),
            new NodeMessage.Unregister("n", "i", "done"));
    assertThat(refused).isEmpty();
  }

  @Test
  void aRefusalIsForThisProcessOnly() {
    link.receive(new HubMessage.Refused("hub", "n", "before", "old"));
    assertThat(refused).isEmpty();
    link.receive(new HubMessage.Refused("hub", "n", "i", "taken"));
    assertThat(refused).containsExactly("taken");
  }

  @Test
  void whoHasBeenTakenIsEndedByItsFleetOnly() {
    link.receive(hub.vouch(new HubMessage.Welcome("hub", "n", "i")));
    link.receive(new HubMessage.Refused("hub", "n", "i", "not signed"));
    CommandSigner stranger = new CommandSigner("hub", NodeKeys.generate(), null, () -> 42);
    link.receive(stranger.vouch(new HubMessage.Welcome("hub", "n", "i")));
    link.receive(stranger.vouch(new HubMessage.Refused("hub", "n", "i", "a stranger's")));
    assertThat(refused).isEmpty();
    link.receive(hub.vouch(new HubMessage.Refused("hub", "n", "i", "revoked")));
    assertThat(refused).containsExactly("revoked");
  }
}
