package io.muster.hub.mcp;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * What a tool tells of its progress as MCP says it: a number, or an object with {@code progress},
 * {@code total} and {@code message}; anything else is the message of one step more.
 */
final class Progress {
  private final Object token;
  private double last = -1;

  Progress(Object token) {
    this.token = token;
  }

  JsonObject of(Object told) {
    JsonObject params = new JsonObject().put("progressToken", token);
    if (told instanceof Number number) {
      params.put("progress", at(number));
    } else if (told instanceof JsonObject object
        && object.getValue("progress") instanceof Number number) {
      params.put("progress", at(number));
      if (object.getValue("total") instanceof Number total) {
        params.put("total", total);
      }
      if (object.getValue("message") instanceof String message) {
        params.put("message", message);
      }
    } else {
      last = Math.floor(last) + 1;
      params.put("progress", last).put("message", text(told));
    }
    return Rpc.notification("notifications/progress", params);
  }

  /** It has to grow, whatever the tool says. */
  private Number at(Number number) {
    if (number.doubleValue() <= last) {
      last = Math.nextUp(last);
      return last;
    }
    last = number.doubleValue();
    return number;
  }

  private static String text(Object told) {
    if (told instanceof JsonObject object) {
      return object.encode();
    }
    return told instanceof JsonArray array ? array.encode() : String.valueOf(told);
  }
}
