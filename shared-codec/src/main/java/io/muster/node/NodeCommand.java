package io.muster.node;

import io.muster.identity.FleetKey;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a hub asks one node to do, at {@link io.muster.bus.Addresses#node}, always as {@link
 * Signed}. Each is answered: with {@link io.muster.bus.Ack} unless it says otherwise.
 */
public sealed interface NodeCommand {
  /** Take no new work; what runs ends as it would. */
  record DrainNode(String reason) implements NodeCommand {}

  /** Take work again. */
  record ResumeNode() implements NodeCommand {}

  /** End in order, with the exit status that asks whoever started the process to start it again. */
  record RestartNode(String reason) implements NodeCommand {}

  /** End in order, for good. */
  record UnloadNode(String reason) implements NodeCommand {}

  /** Say that you are there: {@link NodeAnswer.Pong}. */
  record PingNode() implements NodeCommand {}

  /**
   * The last lines of the log: {@link NodeAnswer.LogPage}.
   *
   * @param level the least that is wanted: error, warn, info, debug, trace
   * @param limit how many, the newest
   */
  record FetchLogs(String level, int limit) implements NodeCommand {}

  /**
   * Take up these settings in place of all that were sent before: {@link NodeAnswer.ConfigOutcome}.
   *
   * @param version grows with every change at the hub
   * @param values texts by the settings' names, none of them secret
   */
  record ApplyConfig(long version, Map<String, String> values) implements NodeCommand {
    public ApplyConfig {
      values = values == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }
  }

  /**
   * One of the others as it travels: nodes take nothing else. Made by {@link
   * io.muster.identity.CommandSigner}, opened by {@link io.muster.identity.CommandGuard}.
   *
   * @param hubId who signs
   * @param instance the process of the node that it is for
   * @param at milliseconds since 1970 by the hub's clock, later than in its message before
   * @param key the fleet's, with which it is signed
   * @param command the name of its type
   * @param body as it was encoded when it was signed
   */
  record Order(
      String hubId,
      String nodeId,
      String instance,
      long at,
      FleetKey key,
      String command,
      byte[] body,
      byte[] signature)
      implements NodeCommand {
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
}
