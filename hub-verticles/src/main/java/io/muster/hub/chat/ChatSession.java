package io.muster.hub.chat;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What of a conversation a model is shown. The rule, by the estimate of {@link TokenEstimate}:
 *
 * <ul>
 *   <li>Of the model's context, a quarter is left for the answer, but not more than 4096 tokens.
 *   <li>The system prompt and the new user message always go. Where these two alone do not fit, the
 *       request is refused; a message is never cut.
 *   <li>Then whole turns (a user message with its answer) from the newest backwards, for as long as
 *       they fit. The first that does not fit ends it: there are no gaps.
 * </ul>
 */
final class ChatSession {
  private static final int LARGEST_ANSWER_ROOM = 4096;

  private final String systemPrompt;
  private final String message;
  private final Deque<ChatMessage> history = new ArrayDeque<>();
  private long room;
  private boolean full;

  /**
   * Begins with what always goes.
   *
   * @param systemPrompt null or blank for none
   * @param contextTokens of the model, answer included
   * @throws FaultException {@link Failure#BAD_REQUEST}, naming {@code message}, when these do not
   *     fit
   */
  ChatSession(String systemPrompt, String message, int contextTokens) {
    this.systemPrompt = systemPrompt == null || systemPrompt.isBlank() ? null : systemPrompt;
    this.message = message;
    long budget = budget(contextTokens);
    long system = this.systemPrompt == null ? 0 : TokenEstimate.ofMessage(this.systemPrompt);
    // What is hopelessly long is not read to its end: no token is more than four characters here.
    long own =
        message.length() / 4 > budget ? message.length() / 4 : TokenEstimate.ofMessage(message);
    this.room = budget - system - own;
    if (room < 0) {
      throw new FaultException(
          Failure.BAD_REQUEST,
          "message: too long, about %d tokens where %d fit the model's context"
              .formatted(own, Math.max(0, budget - system)));
    }
  }

  /** How many tokens of a context the messages may take, so that the answer has room. */
  static long budget(int contextTokens) {
    return contextTokens - (long) Math.min(contextTokens / 4, LARGEST_ANSWER_ROOM);
  }

  /**
   * Offers the next older turn.
   *
   * @return whether it is taken; after the first that is not, none is
   */
  boolean older(String userMessage, String answer) {
    long tokens = TokenEstimate.ofMessage(userMessage) + TokenEstimate.ofMessage(answer);
    if (full || tokens > room) {
      full = true;
      return false;
    }
    room -= tokens;
    history.addFirst(ChatMessage.assistant(answer));
    history.addFirst(ChatMessage.user(userMessage));
    return true;
  }

  /** What the model is shown, oldest first. */
  List<ChatMessage> messages() {
    List<ChatMessage> messages = new ArrayList<>(history.size() + 2);
    if (systemPrompt != null) {
      messages.add(ChatMessage.system(systemPrompt));
    }
    messages.addAll(history);
    messages.add(ChatMessage.user(message));
    return messages;
  }
}
