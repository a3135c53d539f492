package io.muster.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerMessage;
import io.muster.node.HubMessage;
import io.muster.node.NodeCommand;
import io.muster.tunnel.TunnelMessage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandGuardTest {
  private static final NodeKeys FLEET = NodeKeys.generate();
  private static final NodeKeys STRANGER = NodeKeys.generate();
  private static final long SKEW_MS = 1_000;

  private long hubClock = 1_000_000;
  private long nodeClock = 1_000_000;
  private String instance = "i";
  private final CommandSigner hub = signer("hub-1", FLEET);
  private final CommandGuard guard =
      new CommandGuard(
          "n", () -> instance, FleetTrust.only(FLEET.publicKey()), SKEW_MS, () -> nodeClock);

  private CommandSigner signer(String hubId, NodeKeys keys) {
    return new CommandSigner(hubId, keys, null, () -> hubClock);
  }

  private void refuses(Object message, String why) {
    assertThatThrownBy(() -> guard.open(message))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> {
              assertThat(e.fault().failure()).isEqualTo(Failure.FORBIDDEN);
              assertThat(e.fault().message()).contains("node n").contains(why);
            });
  }

  @Test
  void opensWhatAHubOrdersThisProcessToDo() {
    NodeCommand config = new NodeCommand.ApplyConfig(3, Map.of("LOG_LEVEL", "debug"));
    assertThat(guard.open(hub.sign("n", "i", config))).isEqualTo(config);
    assertThat(guard.open(hub.sign("n", "i", config))).isEqualTo(config);
    assertThat(guard.open(signer("hub-2", FLEET).sign("n", "i", new NodeCommand.PingNode())))
        .isEqualTo(new NodeCommand.PingNode());
  }

  @Test
  void takesNothingUnsigned() {
    refuses(new NodeCommand.UnloadNode("mine now"), "not signed");
    Order signed = hub.sign("n", "i", new NodeCommand.PingNode());
    refuses(signed.with(null), "signature");
    refuses(hub.sign("n", "i", new NodeCommand.PingNode()).with(new byte[64]), "signature");
  }

  @Test
  void takesNothingThatAnotherKeySigned() {
    refuses(
        signer("hub-1", STRANGER).sign("n", "i", new NodeCommand.PingNode()),
        "another fleet's key");
    Order forged = signer("hub-1", STRANGER).sign("n", "i", new NodeCommand.UnloadNode("x"));
    refuses(
        new Order(
            forged.hubId(),
            forged.nodeId(),
            forged.instance(),
            forged.at(),
            FleetKey.of(FLEET.publicKey(), null),
            forged.command(),
            forged.body(),
            forged.signature()),
        "signature");
  }

  @Test
  void takesNothingThatIsForAnother() {
    refuses(hub.sign("m", "i", new NodeCommand.PingNode()), "another node");
    refuses(hub.sign("n", "before", new NodeCommand.PingNode()), "another process");
    Order moved = hub.sign("m", "i", new NodeCommand.PingNode());
    refuses(
        new Order(
            moved.hubId(),
            "n",
            moved.instance(),
            moved.at(),
            moved.key(),
            moved.command(),
            moved.body(),
            moved.signature()),
        "signature");
  }

  @Test
  void takesNothingTwice() {
    Order first = hub.sign("n", "i", new NodeCommand.ResumeNode());
    Order second = hub.sign("n", "i", new NodeCommand.DrainNode("why"));
    guard.open(first);
    guard.open(second);
    refuses(first, "repetition");
    refuses(second, "repetition");
  }

  @Test
  void takesNothingOldEvenOfAHubThatItHasForgotten() {
    Order old = hub.sign("n", "i", new NodeCommand.ResumeNode());
    guard.open(old);
    nodeClock += SKEW_MS + 1;
    hubClock = nodeClock;
    for (int other = 0; other < 100; other++) {
      guard.open(signer("hub-x" + other, FLEET).sign("n", "i", new NodeCommand.PingNode()));
    }
    refuses(old, "CLOCK_SKEW_MS");
  }

  @Test
  void saysWhenItDoesNotKnowTheCommand() {
    for (Command strange : List.of(new ComeTomorrow("why"), new Hello("hub", "1"))) {
      assertThatThrownBy(() -> guard.open(hub.sign("n", "i", strange)))
          .isInstanceOfSatisfying(
              FaultException.class,
              e -> assertThat(e.fault().failure()).isEqualTo(Failure.BAD_REQUEST));
    }
  }

  /** Of a later version. */
  private record ComeTomorrow(String reason) implements Command {}

  /** Called as a message that is no command. */
  private record Hello(String hubId, String version) implements Command {}

  @Test
  void opensTheCommandsOfAllFamilies() {
    for (Command command :
        List.of(
            new ContainerMessage.RemoveContainer("c", 1),
            new ContainerMessage.AskOffer(null),
            new TunnelMessage.TunnelPlan("s", List.of(), List.of()))) {
      assertThat(guard.open(hub.sign("n", "i", command))).isEqualTo(command);
    }
  }

  @Test
  void whatIsSaidOfContainersIsACommandButForStreamsThatWereBegun() {
    assertThat(ContainerMessage.class.getPermittedSubclasses())
        .filteredOn(type -> !Command.class.isAssignableFrom(type))
        .containsExactlyInAnyOrder(
            ContainerMessage.ReadFollow.class, ContainerMessage.EndFollow.class);
  }

  @Test
  void aRefusalIsAnOrderToEnd() {
    HubMessage.Refused refused =
        (HubMessage.Refused) hub.vouch(new HubMessage.Refused("hub-1", "n", "i", "revoked"));
    assertThat(guard.open(refused.seal())).isEqualTo(new NodeCommand.UnloadNode("revoked"));
  }

  @Test
  void aKeyIsToldWithKnowledgeOfTheSecret() {
    FleetKey told = FleetKey.of(FLEET.publicKey(), "secret");
    assertThat(told.isProvedBy("secret")).isTrue();
    assertThat(told.isProvedBy("other")).isFalse();
    assertThat(
            new FleetKey(STRANGER.publicKey().encoded(), "Ed25519", told.proof())
                .isProvedBy("secret"))
        .isFalse();
    assertThat(FleetKey.of(FLEET.publicKey(), null).isProvedBy("secret")).isFalse();
  }
}
