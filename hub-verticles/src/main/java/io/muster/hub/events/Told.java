package io.muster.hub.events;

import io.muster.event.ClusterEvent;
import io.vertx.core.json.JsonObject;

/** An event on its way to subscribers, with its JSON, which is made once for all of them. */
public final class Told {
  private final ClusterEvent event;
  private String frame;

  public Told(ClusterEvent event) {
    this.event = event;
  }

  public ClusterEvent event() {
    return event;
  }

  public String id() {
    return event.id();
  }

  public String type() {
    return event.type();
  }

  /** {@code {type, data}}. */
  public String frame() {
    if (frame == null) {
      frame = new JsonObject().put("type", event.type()).put("data", data()).encode();
    }
    return frame;
  }

  /**
   * All of it, for whoever takes events one by one: {@code {id, type, source, timestamp, data}}.
   */
  public JsonObject toJson() {
    return new JsonObject()
        .put("id", event.id())
        .put("type", event.type())
        .put("source", event.source())
        .put("timestamp", event.timestamp())
        .put("data", data());
  }

  JsonObject data() {
    return new JsonObject(event.data());
  }
}
