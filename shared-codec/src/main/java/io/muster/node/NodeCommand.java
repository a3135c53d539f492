package io.muster.node;

import io.muster.identity.Command;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a hub has a node itself do. Each is answered: with {@link io.muster.bus.Ack} unless it says
 * otherwise.
 */
public sealed interface NodeCommand extends Command {
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
}
