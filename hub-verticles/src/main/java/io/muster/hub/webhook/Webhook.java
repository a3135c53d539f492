package io.muster.hub.webhook;

import io.muster.hub.events.EventFilter;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.List;

/**
 * Where events go. Times are milliseconds since 1970.
 *
 * @param secret what deliveries are signed with; never shown
 * @param doneId the last event that is done with, delivered or given up; null for none yet
 * @param failingSince since when nothing got through, null when the last one did
 * @param disabledAt null while it is on
 */
record Webhook(
    String id,
    URI url,
    EventFilter filter,
    String secret,
    long createdAt,
    String createdBy,
    String doneId,
    Long failingSince,
    Long disabledAt,
    String disabledWhy) {

  boolean isOn() {
    return disabledAt == null;
  }

  /** Without its secret. */
  JsonObject toJson() {
    return new JsonObject()
        .put("id", id)
        .put("url", shownUrl())
        .put("types", new JsonArray(List.copyOf(filter.names())))
        .put("enabled", isOn())
        .put("createdAt", createdAt)
        .put("createdBy", createdBy)
        .put("failingSince", failingSince)
        .put("disabledAt", disabledAt)
        .put("disabledReason", disabledWhy);
  }

  /** What comes after the question mark is often a secret of its own. */
  String shownUrl() {
    String text = url.toString();
    int question = text.indexOf('?');
    return question < 0 ? text : text.substring(0, question) + "?***";
  }
}
