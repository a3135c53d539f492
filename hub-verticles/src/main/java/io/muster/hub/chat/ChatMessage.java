package io.muster.hub.chat;

/**
 * One message of a conversation.
 *
 * @param role {@code system}, {@code user} or {@code assistant}
 */
public record ChatMessage(String role, String content) {
  static ChatMessage system(String content) {
    return new ChatMessage("system", content);
  }

  static ChatMessage user(String content) {
    return new ChatMessage("user", content);
  }

  static ChatMessage assistant(String content) {
    return new ChatMessage("assistant", content);
  }
}
