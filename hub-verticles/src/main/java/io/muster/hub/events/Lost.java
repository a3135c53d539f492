package io.muster.hub.events;

import io.muster.event.ClusterEvent;
import java.util.LinkedHashMap;
import java.util.Map;

/** The event that tells one subscriber of others that it will not get. */
public final class Lost {
  private Lost() {}

  /**
   * @param lastId the last event that it had, null when that is not known
   * @param count how many it misses, null when that is not known
   * @param now milliseconds since 1970
   */
  public static Told event(String reason, String lastId, Long count, long now) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("reason", reason);
    if (lastId != null) {
      data.put("lastEventId", lastId);
    }
    if (count != null) {
      data.put("count", count);
    }
    data.put("timestamp", now);
    // No id: a subscriber that goes on after it goes on after the event before.
    return new Told(new ClusterEvent("", EventTypes.EVENTS_LOST, "", now, data));
  }
}
