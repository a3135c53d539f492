package io.muster.identity;

import io.muster.bus.Wire;
import io.muster.node.NodeMessage;
import io.muster.node.Statements;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;

/**
 * Signs what a node says of itself on the bus, or a hub of the nodes at its socket, so that nobody
 * else can say it, and nobody can say it again later. Used on one thread.
 */
public final class NodeSigner {
  private static final String LABEL = "muster-bus-v1";

  private final String signer;
  private final NodeKeys keys;
  private final LongSupplier clock;
  private long last;

  /**
   * @param signer the node's id, or the hub's
   * @param clock milliseconds since 1970
   */
  public NodeSigner(String signer, NodeKeys keys, LongSupplier clock) {
    this.signer = signer;
    this.keys = keys;
    this.clock = clock;
  }

  /** A node's own message. */
  public NodeMessage.Signed sign(NodeMessage message) {
    return sign(message.instance(), Statements.of(message));
  }

  /**
   * Signs; each has a later time than the one before, though the clock may stand or go back.
   *
   * @param instance the signer's process
   */
  public NodeMessage.Signed sign(String instance, Statements statements) {
    last = Math.max(last + 1, clock.getAsLong());
    byte[] body = Wire.encode(statements);
    return new NodeMessage.Signed(
        signer,
        instance,
        last,
        keys.publicKey().encoded(),
        keys.publicKey().algorithm().label(),
        body,
        keys.sign(bytes(signer, instance, last, body)));
  }

  /** Whether the holder of the key signed the message. */
  public static boolean verifies(PublicNodeKey key, NodeMessage.Signed message) {
    return message.body() != null
        && message.signature() != null
        && key.verifies(
            bytes(message.nodeId(), message.instance(), message.at(), message.body()),
            message.signature());
  }

  private static byte[] bytes(String signer, String instance, long at, byte[] body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 128);
    bytes.writeBytes(
        (LABEL + "\n" + signer + "\n" + instance + "\n" + at + "\n")
            .getBytes(StandardCharsets.UTF_8));
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }
}
