package io.muster.hub.mcp;

import io.vertx.core.json.JsonObject;

/** What the hub says of itself to MCP's clients. */
record ServerInfo(String version) {
  private static final String INSTRUCTIONS =
      "The tools of a fleet of machines. A call runs on whichever of them offers the tool.";

  JsonObject implementation() {
    return new JsonObject().put("name", "muster").put("title", "Muster").put("version", version);
  }

  JsonObject capabilities() {
    return new JsonObject().put("tools", new JsonObject().put("listChanged", true));
  }

  String instructions() {
    return INSTRUCTIONS;
  }
}
