package io.muster.companion;

import java.util.List;

/** What a hub asks a companion, at {@link io.muster.bus.Addresses#node}. */
public sealed interface CompanionMessage {
  /**
   * Somebody says something to the companion → {@link Reply}.
   *
   * @param requestId unique, for the reply to come back with
   * @param history what was said before in this session, oldest first
   */
  record Chat(String requestId, String sessionId, String message, List<Line> history)
      implements CompanionMessage {
    public Chat {
      history = List.copyOf(history);
    }
  }

  /** What the companion answers. */
  record Reply(String requestId, String text) implements CompanionMessage {}

  /**
   * One thing that was said.
   *
   * @param role {@code user} or {@code assistant}
   */
  record Line(String role, String content) {}
}
