package io.muster.hub.webhook;

import io.vertx.core.json.JsonObject;

/**
 * One try to deliver an event.
 *
 * @param attempt 1 the first
 * @param at milliseconds since 1970
 * @param status of the answer, null when none came
 * @param failure why it failed, null when it did not
 */
record Delivery(
    String id,
    String webhookId,
    String eventId,
    String eventType,
    int attempt,
    long at,
    long elapsedMs,
    Integer status,
    String failure) {

  boolean arrived() {
    return failure == null;
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("id", id)
        .put("eventId", eventId)
        .put("eventType", eventType)
        .put("attempt", attempt)
        .put("at", at)
        .put("elapsedMs", elapsedMs)
        .put("status", status)
        .put("failure", failure);
  }
}
