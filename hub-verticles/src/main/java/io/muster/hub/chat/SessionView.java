package io.muster.hub.chat;

import io.muster.job.Usage;
import java.util.List;

/**
 * A session as it is kept.
 *
 * @param createdAt milliseconds since 1970
 * @param updatedAt when its last turn was committed, milliseconds since 1970
 * @param turnCount how many turns it has had, those that are no longer kept among them
 * @param turns the newest ones, oldest of them first
 */
public record SessionView(
    String sessionId, long createdAt, long updatedAt, long turnCount, List<Turn> turns) {
  public SessionView {
    turns = List.copyOf(turns);
  }

  /** Its name as whoever talks knows it. */
  public String shownId() {
    return SessionId.shown(sessionId);
  }

  /**
   * A message and its answer.
   *
   * @param nodeId who answered, null when unknown
   * @param at when it was committed, milliseconds since 1970
   */
  public record Turn(
      long number,
      String message,
      String answer,
      String nodeId,
      String model,
      Usage usage,
      long at) {}
}
