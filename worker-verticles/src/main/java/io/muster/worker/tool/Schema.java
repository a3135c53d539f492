package io.muster.worker.tool;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes the JSON Schema (2020-12) of a tool's arguments. */
public final class Schema {
  private final JsonObject properties = new JsonObject();
  private final JsonArray required = new JsonArray();

  /** A text, its length in characters. */
  public Schema text(String name, int least, int most, String description) {
    properties.put(
        name,
        new JsonObject()
            .put("type", "string")
            .put("minLength", least)
            .put("maxLength", most)
            .put("description", description));
    return this;
  }

  /** A whole number, both ends included. */
  public Schema integer(String name, long least, long most, String description) {
    properties.put(
        name,
        new JsonObject()
            .put("type", "integer")
            .put("minimum", least)
            .put("maximum", most)
            .put("description", description));
    return this;
  }

  public Schema flag(String name, String description) {
    properties.put(name, new JsonObject().put("type", "boolean").put("description", description));
    return this;
  }

  /** One of a few words. */
  public Schema choice(String name, String description, Iterable<String> words) {
    JsonArray all = new JsonArray();
    words.forEach(all::add);
    properties.put(
        name,
        new JsonObject().put("type", "string").put("enum", all).put("description", description));
    return this;
  }

  /** These have to be there. */
  public Schema required(String... names) {
    for (String name : names) {
      required.add(name);
    }
    return this;
  }

  /** An object with these fields and no others. */
  public JsonObject build() {
    return new JsonObject()
        .put("type", "object")
        .put("properties", properties)
        .put("required", required)
        .put("additionalProperties", false);
  }
}
