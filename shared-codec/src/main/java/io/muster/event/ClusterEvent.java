package io.muster.event;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something that happened in the fleet, for whoever wants to know; published at {@link
 * io.muster.bus.Addresses#EVENTS}. Holds nothing secret.
 *
 * @param id unique; sorts in the order in which one source emitted
 * @param type {@code node_registered}, {@code task_completed} …
 * @param source the id of the hub or node where it happened
 * @param timestamp milliseconds since 1970, by the source's clock
 * @param data as it goes to subscribers, JSON types only
 */
public record ClusterEvent(
    String id, String type, String source, long timestamp, Map<String, Object> data) {
  public ClusterEvent {
    // Not Map.copyOf: a value may be null.
    data = data == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(data));
  }
}
