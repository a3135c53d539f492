package io.muster.hub.events;

import io.muster.event.ClusterEvent;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a subscriber stopped: the last event that it had. Each source's events have an order, those
 * of two sources have none, so whatever another source told shortly before may come once more:
 * better twice, under the same id, than not at all.
 *
 * @param at milliseconds since 1970
 */
record Cursor(String id, String source, long at) {
  /** More than two hubs' clocks and the way between them make. */
  static final long OVERLAP_MS = 10_000;

  private static final Pattern ID = Pattern.compile("([0-9a-f]{12})-[0-9a-f]{8}-(.{1,150})");

  /** Reads an event's id; empty when it is none. */
  static Optional<Cursor> of(String id) {
    Matcher parts = ID.matcher(id);
    return parts.matches()
        ? Optional.of(new Cursor(id, parts.group(2), Long.parseLong(parts.group(1), 16)))
        : Optional.empty();
  }

  /** The time from which events may be missing. */
  long from() {
    return at - OVERLAP_MS;
  }

  /** Whether the subscriber may not have had it. */
  boolean isBefore(ClusterEvent event) {
    return source.equals(event.source())
        ? event.id().compareTo(id) > 0
        : event.timestamp() >= from();
  }
}
