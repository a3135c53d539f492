package io.muster.container;

import io.muster.identity.Command;

/**
 * What a hub asks a node about containers, at {@link io.muster.bus.Addresses#node}. A container is
 * named by its claim or by the engine's id. Each is answered with a {@link ContainerAnswer}. All
 * are commands, but for what is said of a stream that a command began: its name is that command's
 * answer, and cannot be guessed.
 */
public sealed interface ContainerMessage {
  /** Make it, where it is not there yet: {@link ContainerAnswer.Claimed}. */
  record CreateContainer(ContainerSpec spec) implements ContainerMessage, Command {}

  /** {@link ContainerAnswer.Containers}. */
  record ListContainers() implements ContainerMessage, Command {}

  /** {@link ContainerAnswer.Details}: what the engine says of it, of its environment the names. */
  record InspectContainer(String id) implements ContainerMessage, Command {}

  /** {@link ContainerAnswer.Details}: what it uses now. */
  record MeasureContainer(String id) implements ContainerMessage, Command {}

  /**
   * {@link ContainerAnswer.Claimed}.
   *
   * @param graceSeconds until it is killed
   */
  record StopContainer(String id, int graceSeconds) implements ContainerMessage, Command {}

  /** Start it again, stopped or not: {@link ContainerAnswer.Claimed}. */
  record RestartContainer(String id, int graceSeconds) implements ContainerMessage, Command {}

  /** Stop it and forget its claim: {@link ContainerAnswer.Claimed}, as it was. */
  record RemoveContainer(String id, int graceSeconds) implements ContainerMessage, Command {}

  /**
   * Begin to tell what happens to it and what it says: {@link ContainerAnswer.Following}.
   *
   * @param tail how many lines of before, -1 for all
   * @param follow whether what comes later is wanted too
   */
  record FollowContainer(String id, int tail, boolean follow)
      implements ContainerMessage, Command {}

  /**
   * What was told since the last time: {@link ContainerAnswer.Piece}. Asking is the credit: a node
   * reads no more of the engine than it can hold until it is asked again.
   *
   * @param waitMs how long to wait where there is nothing yet
   */
  record ReadFollow(String stream, int maxBytes, int waitMs) implements ContainerMessage {}

  /** No more is wanted; an {@link io.muster.bus.Ack}. */
  record EndFollow(String stream) implements ContainerMessage {}

  /** What can be had: {@link ContainerAnswer.Offer}. */
  record AskOffer(String claimId) implements ContainerMessage, Command {}
}
