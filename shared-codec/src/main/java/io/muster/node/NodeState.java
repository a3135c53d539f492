package io.muster.node;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * How a hub sees a node.
 *
 * <pre>
 *            register            places taken
 *   (none) ───────────▶ ONLINE ◀──────────────▶ BUSY     DEGRADED: like ONLINE, with an alarm
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
  /**
   * Alive, with free places, and something is wrong with its machine: it gets work like one that is
   * online, and people are told.
   */
  @JsonProperty("degraded")
  DEGRADED,
  /** Heartbeats are late: gets work only when nobody else can take it. */
  @JsonProperty("unknown")
  UNKNOWN,
  /** Gone: gets nothing, and what it ran has failed or runs elsewhere. */
  @JsonProperty("offline")
  OFFLINE;

  /** The name in JSON: {@code online}, {@code busy}, {@code degraded} … */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
