package io.muster.worker.api;

import io.vertx.core.json.JsonObject;

/**
 * What a route of the node's API answers.
 *
 * @param body null for none (204)
 */
public record ApiReply(int status, JsonObject body) {
  public static ApiReply ok(JsonObject body) {
    return new ApiReply(200, body);
  }

  public static ApiReply created(JsonObject body) {
    return new ApiReply(201, body);
  }

  /** Done, nothing to say: 204. */
  public static ApiReply done() {
    return new ApiReply(204, null);
  }
}
