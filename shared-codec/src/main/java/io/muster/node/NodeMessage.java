package io.muster.node;

import io.muster.metric.Sample;

/** What nodes publish to all hubs, at {@link io.muster.bus.Addresses#HUBS}. */
public sealed interface NodeMessage {
  String nodeId();

  /** The process of the node that speaks; another after every restart. */
  String instance();

  /**
   * The node is there and takes work; repeated whenever a hub says hello or its models change.
   *
   * @param proof {@link Proof} that it has the fleet's secret, null when it has none
   * @param joinToken what admits a node whose key is not known yet, null when it has none
   */
  record Register(NodeInfo info, String proof, String joinToken) implements NodeMessage {
    /** A registration by a node that has no secret. */
    public Register(NodeInfo info) {
      this(info, null, null);
    }

    /** A registration by a node that has no join token. */
    public Register(NodeInfo info, String proof) {
      this(info, proof, null);
    }

    @Override
    public String nodeId() {
      return info.id();
    }

    @Override
    public String instance() {
      return info.instance();
    }
  }

  /**
   * The node is alive.
   *
   * @param draining it takes no new work
   * @param sample the machine's figures, null until the first was taken
   */
  record Heartbeat(String nodeId, String instance, boolean draining, NodeStats stats, Sample sample)
      implements NodeMessage {}

  /** The node takes no new work from now on; it goes on heartbeating until it unregisters. */
  record Drain(String nodeId, String instance, String reason) implements NodeMessage {}

  /** The node leaves. */
  record Unregister(String nodeId, String instance, String reason) implements NodeMessage {}

  /**
   * What is said under a signature; hubs listen to nothing else. Made and verified by {@link
   * io.muster.identity.NodeSigner}.
   *
   * @param nodeId who signs: a node for itself, or a hub for the nodes at its socket
   * @param instance the process that signs
   * @param at milliseconds since 1970 by its clock, later than in its message before
   * @param publicKey base64 of the X.509 SubjectPublicKeyInfo
   * @param algorithm {@code Ed25519} or {@code RSA-SHA256}
   * @param body {@link Statements}, as they were encoded when they were signed
   */
  record Signed(
      String nodeId,
      String instance,
      long at,
      String publicKey,
      String algorithm,
      byte[] body,
      byte[] signature)
      implements NodeMessage {}
}
