package io.muster.hub.node;

import io.muster.bus.Wire;
import io.muster.hub.identity.Claim;
import io.muster.hub.identity.Verdict;
import io.muster.identity.NodeSigner;
import io.muster.identity.PublicNodeKey;
import io.muster.node.HubMessage;
import io.muster.node.NodeMessage;
import io.muster.node.Proof;
import io.muster.node.Statements;
import io.vertx.core.Future;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets through to the registry what nodes, and hubs for the nodes at their sockets, say under their
 * own signature, each thing once. A registration is decided by what the database knows of the node;
 * then its key speaks for that node, and for no other. Used on the hub's event loop.
 */
public final class NodeGate {
  private static final Logger log = LoggerFactory.getLogger(NodeGate.class);
  private static final String HUB = "hub-";
  private static final long COMPLAIN_EVERY_MS = 10_000;

  private final Options options;
  private final Function<Claim, Future<Verdict>> admit;
  private final Function<String, Future<Optional<PublicNodeKey>>> hubKeys;
  private final Consumer<NodeMessage> admitted;
  private final Consumer<HubMessage> tellNodes;
  private final LongSupplier millis;
  private final Map<String, Speaker> speakers = new HashMap<>();
  private long complainedAt;

  /**
   * @param secret {@code ROOT_NODE_SECRET}, null when there is none
   * @param clockSkewMs how far a node's clock may differ from this hub's
   */
  public record Options(String hubId, String secret, long clockSkewMs) {}

  /**
   * @param admit decides about a registration whose signature fits its key
   * @param hubKeys what another hub signs with, when there is such a hub
   * @param admitted takes what is let through, never a signed envelope
   * @param millis milliseconds since 1970
   */
  public NodeGate(
      Options options,
      Function<Claim, Future<Verdict>> admit,
      Function<String, Future<Optional<PublicNodeKey>>> hubKeys,
      Consumer<NodeMessage> admitted,
      Consumer<HubMessage> tellNodes,
      LongSupplier millis) {
    this.options = options;
    this.admit = admit;
    this.hubKeys = hubKeys;
    this.admitted = admitted;
    this.tellNodes = tellNodes;
    this.millis = millis;
  }

  /** What somebody published. */
  public void receive(NodeMessage message) {
    if (!(message instanceof NodeMessage.Signed signed) || signed.nodeId() == null) {
      complain("something unsigned was published of node {}", message.nodeId());
      return;
    }
    if (signed.instance() == null || signed.publicKey() == null || signed.body() == null) {
      complain("half a message was published of node {}", signed.nodeId());
      return;
    }
    Statements said;
    try {
      said = Wire.decode(Statements.class, signed.body());
    } catch (UncheckedIOException e) {
      complain("what {} says cannot be read", signed.nodeId());
      return;
    }
    if (Math.abs(signed.at() - millis.getAsLong()) > options.clockSkewMs()) {
      complain("the clock of {} differs too much, or it is a repetition", signed.nodeId());
      return;
    }
    boolean hub = signed.nodeId().startsWith(HUB);
    Speaker speaker = speakers.get(signed.nodeId());
    if (speaker != null && speaker.isPending()) {
      if (said.heartbeats().isEmpty()) {
        speaker.keep(signed);
      }
    } else if (hub) {
      hub(signed, said, speaker);
    } else {
      node(signed, said, speaker);
    }
  }

  /** An admin did something about the node: what it says next is decided by the database. */
  public void reconsider(String nodeId) {
    Speaker speaker = speakers.get(nodeId);
    if (speaker != null && !speaker.isPending()) {
      speakers.remove(nodeId);
    }
  }

  /** The node was revoked: it is gone for this hub, and its process ends. */
  public void shutOut(String nodeId) {
    Speaker speaker = speakers.remove(nodeId);
    if (speaker != null && speaker.isKnown()) {
      admitted.accept(
          new NodeMessage.Unregister(nodeId, speaker.instance(), "revoked by an admin"));
      tellNodes.accept(
          new HubMessage.Refused(
              options.hubId(),
              nodeId,
              speaker.instance(),
              "the node " + nodeId + " was revoked by an admin of the hub"));
    }
  }

  private void node(NodeMessage.Signed signed, Statements said, Speaker speaker) {
    boolean known = speaker != null && speaker.speaksFor(signed);
    if (!known && said.registers().isEmpty()) {
      if (!said.heartbeats().isEmpty()) {
        tellNodes.accept(
            new HubMessage.Unknown(options.hubId(), signed.nodeId(), signed.instance()));
      }
      return;
    }
    for (NodeMessage message : said.all()) {
      if (!signed.nodeId().equals(message.nodeId())
          || !signed.instance().equals(message.instance())) {
        complain("node {} speaks for another one", signed.nodeId());
        return;
      }
    }
    PublicNodeKey key = known ? speaker.key() : key(signed);
    if (key == null || !NodeSigner.verifies(key, signed)) {
      complain("a signature of {} does not hold", signed.nodeId());
      return;
    }
    if (known && !speaker.advance(signed.at())) {
      complain("a message of {} was repeated", signed.nodeId());
      return;
    }
    if (said.registers().isEmpty()) {
      said.all().forEach(admitted);
    } else {
      decide(signed, said.registers().get(0), key);
    }
  }

  private void decide(NodeMessage.Signed signed, NodeMessage.Register register, PublicNodeKey key) {
    String nodeId = signed.nodeId();
    Speaker speaker = speakers.computeIfAbsent(nodeId, id -> new Speaker());
    speaker.pending(true);
    boolean secret = options.secret() != null && Proof.holds(options.secret(), register);
    admit
        .apply(
            new Claim(
                nodeId,
                key,
                register.joinToken(),
                secret,
                false,
                options.secret() == null,
                signed.at()))
        .onComplete(
            decided -> {
              speaker.pending(false);
              if (speakers.get(nodeId) != speaker) {
                return; // Revoked while it was decided.
              }
              if (decided.failed()) {
                log.warn("node {} cannot be admitted now: {}", nodeId, decided.cause().toString());
              } else if (decided.result() instanceof Verdict.Refused refused) {
                refuse(signed, register, refused, speaker);
              } else {
                speaker.admitted(key, signed.instance());
                speaker.advance(signed.at());
                admitted.accept(register);
              }
              release(nodeId, speaker);
            });
  }

  private void refuse(
      NodeMessage.Signed signed,
      NodeMessage.Register register,
      Verdict.Refused refused,
      Speaker speaker) {
    log.warn("{}", refused.reason());
    // Not where another key speaks for that very process: it would be told to end by a stranger.
    if (!signed.instance().equals(speaker.instance()) || speaker.speaksFor(signed)) {
      String reason = refused.reason();
      if (refused.code().equals("not_admitted") && options.secret() != null) {
        reason =
            "ROOT_NODE_SECRET: is "
                + (register.proof() == null ? "not set here" : "another here")
                + " than at the hub: set the same on both, or JOIN_TOKEN to one that scripts/join"
                + " makes on the hub's machine";
      }
      tellNodes.accept(
          new HubMessage.Refused(options.hubId(), signed.nodeId(), signed.instance(), reason));
    }
  }

  private void hub(NodeMessage.Signed signed, Statements said, Speaker speaker) {
    if (speaker == null || !speaker.speaksFor(signed)) {
      String hubId = signed.nodeId();
      Speaker unknown = new Speaker();
      unknown.pending(true);
      unknown.keep(signed);
      speakers.put(hubId, unknown);
      hubKeys
          .apply(hubId)
          .onComplete(
              found -> {
                unknown.pending(false);
                if (found.succeeded()
                    && found.result().isPresent()
                    && found.result().get().encoded().equals(signed.publicKey())) {
                  unknown.admitted(found.result().get(), signed.instance());
                  release(hubId, unknown);
                } else {
                  speakers.remove(hubId);
                  complain("{} speaks for nodes, and the database does not know its key", hubId);
                }
              });
      return;
    }
    if (!NodeSigner.verifies(speaker.key(), signed) || !speaker.advance(signed.at())) {
      complain("a message of {} was forged or repeated", signed.nodeId());
      return;
    }
    said.all().forEach(message -> vouched(signed.nodeId(), message));
  }

  private void vouched(String hubId, NodeMessage message) {
    Speaker node = speakers.get(message.nodeId());
    if (message instanceof NodeMessage.Register register) {
      if (node == null) {
        node = new Speaker();
        speakers.put(message.nodeId(), node);
      } else if (node.isKnown() && !node.instance().equals(register.instance())) {
        // Its new connection was proved: the old one need not be waited for.
        admitted.accept(
            new NodeMessage.Unregister(
                message.nodeId(), node.instance(), "a new connection took its place"));
      }
      node.vouched(hubId, register.instance());
      admitted.accept(register);
    } else if (node != null && node.isVouchedBy(hubId, message.instance())) {
      admitted.accept(message);
    } else if (message instanceof NodeMessage.Heartbeat && (node == null || !node.isKnown())) {
      tellNodes.accept(
          new HubMessage.Unknown(options.hubId(), message.nodeId(), message.instance()));
    }
  }

  private void release(String id, Speaker speaker) {
    NodeMessage.Signed next = speaker.next();
    while (next != null) {
      receive(next);
      if (speaker.isPending()) {
        return;
      }
      next = speaker.next();
    }
    if (!speaker.isKnown()) {
      speakers.remove(id, speaker);
    }
  }

  private static PublicNodeKey key(NodeMessage.Signed signed) {
    try {
      return PublicNodeKey.of(signed.algorithm(), signed.publicKey());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Whoever floods the bus must not flood the log. */
  private void complain(String what, String who) {
    long now = millis.getAsLong();
    if (now - complainedAt >= COMPLAIN_EVERY_MS) {
      complainedAt = now;
      log.warn(what, who);
    }
  }
}
