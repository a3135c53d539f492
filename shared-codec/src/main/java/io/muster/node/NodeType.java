package io.muster.node;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a node is to the fleet. */
public enum NodeType {
  /** Runs jobs and tasks. */
  @JsonProperty("worker")
  WORKER,
  /**
   * An assistant with a personality and a dialogue of its own, which calls models through a hub.
   */
  @JsonProperty("companion")
  COMPANION
}
