package io.muster.bus;

/** The reply of a request that has nothing to say but that it was done. */
public record Ack() {
  public static final Ack OK = new Ack();
}
