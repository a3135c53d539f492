package io.muster.hub.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.node.Proof;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeGateTest {
  private static final String SECRET = "c0rrect-horse-battery-staple";

  private final NodeInfo info = TestNodes.info("a", "a1", 2, "m");
  private final List<NodeMessage> admitted = new ArrayList<>();
  private final List<HubMessage> told = new ArrayList<>();

  @Test
  void whoShowsTheSecretComesIn() {
    NodeMessage register = new NodeMessage.Register(info, Proof.of(SECRET, info));
    gate(SECRET).receive(register);
    assertThat(admitted).containsExactly(register);
    assertThat(told).isEmpty();
  }

  @Test
  void whoHasAnotherSecretIsToldWhatToSet() {
    gate(SECRET).receive(new NodeMessage.Register(info, Proof.of("another", info)));
    gate(SECRET).receive(new NodeMessage.Register(info, null));
    assertThat(admitted).isEmpty();
    assertThat(told)
        .hasSize(2)
        .allSatisfy(
            message ->
                assertThat(((HubMessage.Refused) message).reason()).contains("ROOT_NODE_SECRET"));
  }

  @Test
  void aProofIsOfNoUseToAnotherNodeOrProcess() {
    String proof = Proof.of(SECRET, info);
    gate(SECRET).receive(new NodeMessage.Register(TestNodes.info("b", "a1", 2, "m"), proof));
    gate(SECRET).receive(new NodeMessage.Register(TestNodes.info("a", "a2", 2, "m"), proof));
    assertThat(admitted).isEmpty();
  }

  @Test
  void withoutASecretEveryNodeComesIn() {
    gate(null).receive(new NodeMessage.Register(info, null));
    gate(null).receive(new NodeMessage.Register(info, "whatever"));
    assertThat(admitted).hasSize(2);
  }

  @Test
  void otherMessagesPass() {
    gate(SECRET).receive(new NodeMessage.Heartbeat("a", "a1", false, NodeStats.NONE, null));
    assertThat(admitted).hasSize(1);
  }

  private NodeGate gate(String secret) {
    return new NodeGate("hub-1", secret, admitted::add, told::add);
  }
}
