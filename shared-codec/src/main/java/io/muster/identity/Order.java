package io.muster.identity;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A {@link Command} as it travels, at {@link io.muster.bus.Addresses#node}: signed by a hub for one
 * process of one node. Made by {@link CommandSigner}, opened by {@link CommandGuard}; answered as
 * the command is. What it says can be read on the way: the bus and the socket encrypt, not it.
 *
 * @param hubId who signs
 * @param instance the process of the node that it is for
 * @param at milliseconds since 1970 by the hub's clock, later than in its message before
 * @param key the fleet's, with which it is signed
 * @param command the name of its type
 * @param body as it was encoded when it was signed
 */
public record Order(
    String hubId,
    String nodeId,
    String instance,
    long at,
    FleetKey key,
    String command,
    byte[] body,
    byte[] signature) {
  private static final String LABEL = "muster-command-v1";

  /** The same with this signature. */
  public Order with(byte[] made) {
    return new Order(hubId, nodeId, instance, at, key, command, body, made);
  }

  /** What the signature is over: all but itself and the key, each part with its length. */
  public byte[] toBeSigned() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(body.length + 160);
    for (String part : List.of(LABEL, hubId, nodeId, instance, Long.toString(at), command)) {
      byte[] text = part.getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(text.length).array());
      bytes.writeBytes(text);
    }
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }
}
