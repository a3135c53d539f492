package io.muster.hub.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChatSessionTest {
  private static final String[] ALPHABETS = {
    "abcdefg hijk lmnop", "你好世界我叫小明", "привет мир", "\uD83D\uDE00\uD83D\uDE80", "aé你 b"
  };

  @Test
  void aTurnThatDoesNotFitEndsTheHistoryAndLeavesNoGap() {
    // 256 tokens: 192 for messages; the message takes 5.
    ChatSession session = new ChatSession(null, "now", 256);

    assertThat(session.older("newest", "x".repeat(4 * 100))).isTrue();
    assertThat(session.older("too long", "x".repeat(4 * 100))).isFalse();
    assertThat(session.older("short", "enough")).isFalse();

    assertThat(session.messages())
        .extracting(ChatMessage::content)
        .containsExactly("newest", "x".repeat(400), "now");
  }

  @Test
  void roomIsLeftForTheAnswer() {
    assertThat(ChatSession.budget(8_192)).isEqualTo(6_144);
    assertThat(ChatSession.budget(16_384)).isEqualTo(12_288);
    assertThat(ChatSession.budget(200_000)).isEqualTo(195_904);
    assertThat(ChatSession.budget(Integer.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE - 4_096L);
  }

  @Test
  void aMessageThatAloneDoesNotFitIsRefused() {
    new ChatSession(null, "x".repeat(4 * 188), 256);
    assertThatThrownBy(() -> new ChatSession(null, "x".repeat(4 * 188 + 1), 256))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> assertThat(e.fault().failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessage("message: too long, about 193 tokens where 192 fit the model's context");
  }

  @Test
  void theSystemPromptIsKeptAndCounted() {
    assertThatThrownBy(() -> new ChatSession("x".repeat(400), "x".repeat(400), 256))
        .hasMessageStartingWith("message: too long, about 104 tokens where 88 fit");
    assertThat(new ChatSession("  ", "hi", 256).messages()).containsExactly(ChatMessage.user("hi"));
    assertThat(new ChatSession("Be kind.", "hi", 256).messages())
        .containsExactly(ChatMessage.system("Be kind."), ChatMessage.user("hi"));
  }

  /** The rule, held against many random conversations. */
  @Test
  void theRuleHoldsForAnyConversation() {
    Random random = new Random(20261121);
    for (int round = 0; round < 2_000; round++) {
      int context = 256 + random.nextInt(4_000);
      String system = random.nextInt(3) == 0 ? text(random, 200) : null;
      String message = text(random, 1 + random.nextInt(400));
      List<String[]> turns = new ArrayList<>();
      for (int i = random.nextInt(40); i > 0; i--) {
        turns.add(new String[] {text(random, random.nextInt(600)), text(random, 600)});
      }
      ChatSession session;
      try {
        session = new ChatSession(system, message, context);
      } catch (FaultException e) {
        assertThat(tokens(system, message)).isGreaterThan(ChatSession.budget(context));
        continue;
      }
      int taken = 0;
      for (int i = turns.size() - 1; i >= 0; i--) {
        if (session.older(turns.get(i)[0], turns.get(i)[1])) {
          taken++;
        }
      }
      check(session, turns, taken, system, message, ChatSession.budget(context));
    }
  }

  private static void check(
      ChatSession session,
      List<String[]> turns,
      int taken,
      String system,
      String message,
      long budget) {
    List<ChatMessage> expected = new ArrayList<>();
    if (system != null) {
      expected.add(ChatMessage.system(system));
    }
    // The newest ones, whole, without a gap, oldest first.
    for (String[] turn : turns.subList(turns.size() - taken, turns.size())) {
      expected.add(ChatMessage.user(turn[0]));
      expected.add(ChatMessage.assistant(turn[1]));
    }
    expected.add(ChatMessage.user(message));
    assertThat(session.messages()).isEqualTo(expected);

    long used = 0;
    for (ChatMessage each : session.messages()) {
      used += TokenEstimate.ofMessage(each.content());
    }
    assertThat(used).isLessThanOrEqualTo(budget);
    if (taken < turns.size()) {
      // As many as fit: the next one would not have.
      String[] next = turns.get(turns.size() - taken - 1);
      assertThat(used + tokens(next[0], next[1])).isGreaterThan(budget);
    }
  }

  private static long tokens(String first, String second) {
    return (first == null ? 0 : TokenEstimate.ofMessage(first)) + TokenEstimate.ofMessage(second);
  }

  private static String text(Random random, int length) {
    String alphabet = ALPHABETS[random.nextInt(ALPHABETS.length)];
    StringBuilder text = new StringBuilder("t");
    while (text.length() < length) {
      text.appendCodePoint(alphabet.codePointAt(2 * random.nextInt(alphabet.length() / 2)));
    }
    return text.toString();
  }
}
