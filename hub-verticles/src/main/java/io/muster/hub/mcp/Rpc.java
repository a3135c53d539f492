package io.muster.hub.mcp;

import io.vertx.core.json.JsonObject;

/**
 * One JSON-RPC message from a client.
 *
 * @param id a string or a number; null for a notification
 * @param params never null
 */
record Rpc(Object id, String method, JsonObject params) {
  static final int PARSE_ERROR = -32700;
  static final int INVALID_REQUEST = -32600;
  static final int METHOD_NOT_FOUND = -32601;
  static final int INVALID_PARAMS = -32602;
  static final int INTERNAL_ERROR = -32603;
  static final int HEADER_MISMATCH = -32020;
  static final int UNSUPPORTED_VERSION = -32022;

  /** An error to be told, and the HTTP status that it goes with. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final int code;
    private final transient JsonObject data;

    Failure(int status, int code, String message, JsonObject data) {
      super(message, null, false, false);
      this.status = status;
      this.code = code;
      this.data = data;
    }

    Failure(int status, int code, String message) {
      this(status, code, message, null);
    }

    int status() {
      return status;
    }

    JsonObject toJson(Object id) {
      JsonObject error = new JsonObject().put("code", code).put("message", getMessage());
      if (data != null) {
        error.put("data", data);
      }
      JsonObject json = new JsonObject().put("jsonrpc", "2.0");
      if (id != null) {
        json.put("id", id);
      }
      return json.put("error", error);
    }
  }

  /**
   * Reads a message.
   *
   * @return null for the answer to a request, which no one here sends
   * @throws Failure when it is none
   */
  static Rpc read(JsonObject json) {
    if (!"2.0".equals(json.getValue("jsonrpc"))) {
      throw invalid("'jsonrpc' has to be \"2.0\"");
    }
    Object id = json.getValue("id");
    boolean isId = id instanceof String || id instanceof Integer || id instanceof Long;
    if (json.containsKey("id") && !isId) {
      throw invalid("'id' has to be a string or an integer");
    }
    if (!json.containsKey("method") && (json.containsKey("result") || json.containsKey("error"))) {
      return null;
    }
    if (!(json.getValue("method") instanceof String method) || method.isEmpty()) {
      throw invalid("'method' has to be a string");
    }
    Object params = json.getValue("params");
    if (params != null && !(params instanceof JsonObject)) {
      throw invalid("'params' has to be an object");
    }
    return new Rpc(id, method, params == null ? new JsonObject() : (JsonObject) params);
  }

  private static Failure invalid(String message) {
    return new Failure(400, INVALID_REQUEST, message + ".");
  }

  boolean isNotification() {
    return id == null;
  }

  /** {@code params._meta}, empty where it is none. */
  JsonObject meta() {
    return params.getValue("_meta") instanceof JsonObject meta ? meta : new JsonObject();
  }

  JsonObject result(JsonObject result) {
    return new JsonObject().put("jsonrpc", "2.0").put("id", id).put("result", result);
  }

  static JsonObject notification(String method, JsonObject params) {
    return new JsonObject().put("jsonrpc", "2.0").put("method", method).put("params", params);
  }

  static Failure unknownMethod(int status, String method) {
    return new Failure(status, METHOD_NOT_FOUND, "Method not found: " + method);
  }
}
