package io.muster.runtime.settings;

/** What a process of the fleet is; decides which settings apply to it, and which short names. */
public enum Role {
  HUB,
  WORKER
}
