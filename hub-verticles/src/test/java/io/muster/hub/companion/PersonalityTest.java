package io.muster.hub.companion;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PersonalityTest {
  @Test
  void makesAPromptOfWhatItKnows() {
    Personality yue =
        Personality.of(
            Map.of(
                "name", "Yue",
                "systemPrompt", "You are Yue, a curious daughter.",
                "traits", List.of("curious", "kind"),
                "greeting", "Hi!",
                "language", "German",
                "model", "m1",
                "unknown", Map.of("a", 1)));
    assertThat(yue.systemPrompt("node"))
        .isEqualTo(
            "You are Yue, a curious daughter.\n\nYour traits: curious; kind.\n\n"
                + "You greet with: Hi!\n\nYou speak German.");
    assertThat(yue.model()).isEqualTo("m1");
  }

  @Test
  void takesOtherNamesAndKinds() {
    Personality given =
        Personality.of(
            Map.of("prompt", "Be brief.", "traits", Map.of("humour", "dry"), "model", 5));
    assertThat(given.systemPrompt("n")).isEqualTo("Be brief.\n\nYour traits: humour: dry.");
    assertThat(given.model()).isNull();
    assertThat(Personality.of(Map.of("traits", "a, b")).traits()).containsExactly("a", "b");
  }

  @Test
  void hasAnEndAndNeedsNothing() {
    assertThat(Personality.of(null).systemPrompt("Ada")).contains("You are Ada");
    assertThat(Personality.of(Map.of("prompt", "x".repeat(100_000))).systemPrompt("n"))
        .hasSize(Personality.LONGEST);
  }
}
