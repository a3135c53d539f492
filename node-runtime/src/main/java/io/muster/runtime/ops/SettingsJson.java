package io.muster.runtime.ops;

import io.muster.runtime.settings.Settings;
import io.vertx.core.json.JsonObject;

/** The effective settings for {@code /info}: secrets masked, each with where it came from. */
public final class SettingsJson {
  private SettingsJson() {}

  /** {@code {"ROOT_NODE_PORT": {"value": "3000", "source": "default"}, …}}. */
  public static JsonObject of(Settings settings) {
    JsonObject json = new JsonObject();
    for (Settings.Shown shown : settings.shown()) {
      json.put(
          shown.name(), new JsonObject().put("value", shown.value()).put("source", shown.source()));
    }
    return json;
  }
}
