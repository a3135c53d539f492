package io.muster.hub.http;

import io.vertx.core.json.JsonObject;
import java.util.Map;

/**
 * What a route answers with.
 *
 * @param body null for none
 */
public record ApiReply(int status, JsonObject body, Map<String, String> headers) {
  public ApiReply {
    headers = Map.copyOf(headers);
  }

  public static ApiReply ok(JsonObject body) {
    return of(200, body);
  }

  public static ApiReply of(int status, JsonObject body) {
    return new ApiReply(status, body, Map.of());
  }

  /** 204. */
  public static ApiReply none() {
    return of(204, null);
  }

  public ApiReply with(String header, String value) {
    Map<String, String> more = new java.util.LinkedHashMap<>(headers);
    more.put(header, value);
    return new ApiReply(status, body, more);
  }
}
