package io.muster.hub.task;

import io.muster.hub.storage.StorableText;
import io.muster.task.TaskError;
import io.vertx.core.json.JsonObject;

/** Errors of tasks as JSON, as they are stored and shown. */
final class Errors {
  private Errors() {}

  static String json(TaskError error) {
    if (error == null) {
      return null;
    }
    JsonObject json = new JsonObject().put("code", error.code()).put("message", error.message());
    if (error.details() != null) {
      json.put("details", Json.value(error.details()));
    }
    return StorableText.of(json.put("retryable", error.retryable()).encode());
  }

  static String dependency(String id) {
    return new JsonObject()
        .put("code", "dependency_failed")
        .put("message", "it depends on " + id + ", which did not complete")
        .put("details", new JsonObject().put("taskId", id))
        .put("retryable", false)
        .encode();
  }

  static String cancelled(String reason) {
    return new JsonObject()
        .put("code", "cancelled")
        .put("message", reason)
        .put("retryable", false)
        .encode();
  }
}
