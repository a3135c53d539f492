package io.muster.hub.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.identity.AdmittedBy;
import io.muster.hub.identity.Claim;
import io.muster.hub.identity.Verdict;
import io.muster.identity.NodeKeys;
import io.muster.identity.NodeSigner;
import io.muster.identity.PublicNodeKey;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.node.Proof;
import io.muster.node.Statements;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NodeGateTest {
  private static final String SECRET = "c0rrect-horse-battery-staple";
  private static final NodeKeys KEYS = NodeKeys.generate();
  private static final NodeKeys OTHER = NodeKeys.generate();

  private final NodeInfo info = TestNodes.info("a", "a1", 2, "m");
  private final NodeMessage.Register register = new NodeMessage.Register(info);
  private final NodeMessage.Heartbeat beat =
      new NodeMessage.Heartbeat("a", "a1", false, NodeStats.NONE, null);
  private final List<NodeMessage> admitted = new ArrayList<>();
  private final List<HubMessage> told = new ArrayList<>();
  private final List<Claim> claims = new ArrayList<>();
  private final Map<String, PublicNodeKey> hubKeys = new HashMap<>();
  private Future<Verdict> verdict =
      Future.succeededFuture(new Verdict.Admitted(AdmittedBy.FIRST_USE, true));
  private long now = 1_700_000_000_000L;
  private final NodeSigner a = signer("a", KEYS);
  private final NodeSigner hub = signer("hub-2", OTHER);
  private final NodeGate gate =
      new NodeGate(
          new NodeGate.Options("hub-1", SECRET, 60_000),
          claim -> {
            claims.add(claim);
            return verdict;
          },
          id -> Future.succeededFuture(Optional.ofNullable(hubKeys.get(id))),
          admitted::add,
          told::add,
          () -> now);

  @Test
  void whoIsAdmittedSpeaksForItself() {
    gate.receive(a.sign(register));
    gate.receive(a.sign(beat));
    assertThat(admitted).containsExactly(register, beat);
    assertThat(claims).singleElement().satisfies(claim -> assertThat(claim.secret()).isFalse());
  }

  @Test
  void theSecretsProofHoldsForOneProcessOfOneNode() {
    String proof = Proof.of(SECRET, info);
    gate.receive(a.sign(new NodeMessage.Register(info, proof)));
    NodeInfo later = TestNodes.info("a", "a2", 2, "m");
    gate.receive(a.sign(new NodeMessage.Register(later, proof)));
    assertThat(claims).extracting(Claim::secret).containsExactly(true, false);
  }

  @Test
  void whatIsNotSignedIsNotHeard() {
    gate.receive(register);
    gate.receive(beat);
    assertThat(admitted).isEmpty();
    assertThat(claims).isEmpty();
  }

  @Test
  void nobodySpeaksForAnother() {
    gate.receive(a.sign(register));
    NodeSigner b = signer("b", OTHER);
    gate.receive(b.sign("a1", Statements.of(beat)));
    gate.receive(signer("a", OTHER).sign(beat));
    NodeMessage.Signed own = a.sign(beat);
    gate.receive(
        new NodeMessage.Signed(
            "a",
            "a1",
            own.at() + 1,
            own.publicKey(),
            own.algorithm(),
            own.body(),
            own.signature()));
    assertThat(admitted).containsExactly(register);
  }

  @Test
  void aRepetitionIsNotHeard() {
    NodeMessage.Signed first = a.sign(register);
    NodeMessage.Signed second = a.sign(beat);
    gate.receive(first);
    gate.receive(second);
    gate.receive(second);
    gate.receive(first);
    assertThat(admitted).containsExactly(register, beat);
    now += 61_000;
    gate.receive(second);
    assertThat(admitted).hasSize(2);
  }

  @Test
  void whoIsRefusedIsToldWhy() {
    verdict = Future.succeededFuture(new Verdict.Refused("not_admitted", "no", false));
    gate.receive(a.sign(register));
    gate.receive(a.sign(new NodeMessage.Register(info, "wrong")));
    assertThat(admitted).isEmpty();
    assertThat(told)
        .hasSize(2)
        .allSatisfy(
            message ->
                assertThat(((HubMessage.Refused) message).reason()).contains("ROOT_NODE_SECRET"));
  }

  @Test
  void aStrangerCannotHaveARunningNodeToldToEnd() {
    gate.receive(a.sign(register));
    verdict = Future.succeededFuture(new Verdict.Refused("other_key", "no", false));
    gate.receive(signer("a", OTHER).sign(register));
    assertThat(told).isEmpty();
    gate.receive(a.sign(beat));
    assertThat(admitted).containsExactly(register, beat);
  }

  @Test
  void whatComesWhileItIsDecidedWaits() {
    Promise<Verdict> later = Promise.promise();
    verdict = later.future();
    NodeMessage goodbye = new NodeMessage.Unregister("a", "a1", "done");
    gate.receive(a.sign(register));
    gate.receive(a.sign(beat));
    gate.receive(a.sign(goodbye));
    assertThat(admitted).isEmpty();
    later.complete(new Verdict.Admitted(AdmittedBy.SECRET, false));
    assertThat(admitted).containsExactly(register, goodbye);
  }

  @Test
  void aHeartbeatOfAStrangerAsksItToRegister() {
    gate.receive(a.sign(beat));
    assertThat(told).containsExactly(new HubMessage.Unknown("hub-1", "a", "a1"));
  }

  @Test
  void aHubWhoseKeyIsKnownSpeaksForTheNodesAtItsSocket() {
    hubKeys.put("hub-2", OTHER.publicKey());
    gate.receive(hub.sign("2", Statements.of(register)));
    gate.receive(hub.sign("2", Statements.heartbeats(List.of(beat))));
    assertThat(admitted).containsExactly(register, beat);
    assertThat(claims).isEmpty();
  }

  @Test
  void aHubThatTheDatabaseDoesNotKnowIsNotHeard() {
    gate.receive(hub.sign("2", Statements.of(register)));
    hubKeys.put("hub-2", KEYS.publicKey());
    gate.receive(hub.sign("2", Statements.of(register)));
    assertThat(admitted).isEmpty();
  }

  @Test
  void theHubThatANodeLeftSpeaksForItNoMore() {
    NodeSigner third = signer("hub-3", KEYS);
    hubKeys.put("hub-2", OTHER.publicKey());
    hubKeys.put("hub-3", KEYS.publicKey());
    gate.receive(hub.sign("2", Statements.of(register)));
    gate.receive(third.sign("3", Statements.of(register)));
    gate.receive(hub.sign("2", Statements.of(new NodeMessage.Unregister("a", "a1", "lost"))));
    assertThat(admitted).containsExactly(register, register);
  }

  @Test
  void aRevokedNodeIsGoneAtOnce() {
    gate.receive(a.sign(register));
    gate.shutOut("a");
    assertThat(admitted).last().isInstanceOf(NodeMessage.Unregister.class);
    assertThat(told).singleElement().isInstanceOf(HubMessage.Refused.class);
    gate.receive(a.sign(beat));
    assertThat(admitted).hasSize(2);
  }

  private NodeSigner signer(String id, NodeKeys keys) {
    return new NodeSigner(id, keys, () -> now);
  }
}
