package io.muster.node;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a hub sees a node.
 *
 * <pre>
 *            register            places taken
 *   (none) ───────────▶ ONLINE ◀──────────────▶ BUSY
 *                        │  ▲  heartbeat          │
 *       heartbeats missed│  │                     │
 *                        ▼  │                     │
 *                      UNKNOWN ◀──────────────────┘
 *                        │
 *                        │ time-out, member gone, unregistered (from any state)
 *                        ▼
 *                      OFFLINE ──register──▶ ONLINE
 * </pre>
 */
public enum NodeState {
  /** Alive, with free places. */
  @JsonProperty("online")
  ONLINE,
  /** Alive, all places taken: nothing more is sent until one is free. */
  @JsonProperty("busy")
  BUSY,
  /** Heartbeats are late: gets work only when nobody else can take it. */
  @JsonProperty("unknown")
  UNKNOWN,
  /** Gone: gets nothing, and what it ran has failed or runs elsewhere. */
  @JsonProperty("offline")
  OFFLINE;

  /** The name in JSON: {@code online}, {@code busy}, {@code unknown}, {@code offline}. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
