package io.muster.hub.chat;

import java.util.List;

/**
 * A turn that has its session to itself until it is committed or abandoned.
 *
 * @param messages what the model is to see, oldest first: the system prompt if there is one, the
 *     turns that fit, the new user message last
 * @param fence the lease's number, higher than any before; a commit with one that has been
 *     overtaken is refused
 * @param number which turn of the session this is, 1 the first
 */
public record OpenTurn(String sessionId, List<ChatMessage> messages, long fence, long number) {
  public OpenTurn {
    messages = List.copyOf(messages);
  }

  /** The session as whoever talks knows it: one with a companion goes by a longer name here. */
  public String shownId() {
    return SessionId.shown(sessionId);
  }

  /** The new user message. */
  public String message() {
    return messages.get(messages.size() - 1).content();
  }
}
