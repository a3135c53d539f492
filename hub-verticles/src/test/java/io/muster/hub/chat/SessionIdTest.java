package io.muster.hub.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionIdTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "user/7 #2", "会话一", "\uD83D\uDE00", "é", "'; DROP TABLE x; --"})
  void printableNamesAreTaken(String id) {
    SessionId.check(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "a\u0000",
        "\u200Bzero width",
        "\u202Ereversed",
        "\u2028",
        "\uD83D",
        "\t"
      })
  void othersAreNot(String id) {
    assertRefused(id);
  }

  @Test
  void upToTwoHundredCharacters() {
    SessionId.check("x".repeat(200));
    SessionId.check("\uD83D\uDE00".repeat(200));
    assertRefused("x".repeat(201));
    assertRefused(null);
  }

  private static void assertRefused(String id) {
    assertThatThrownBy(() -> SessionId.check(id))
        .isInstanceOfSatisfying(
            FaultException.class,
            e -> assertThat(e.fault().failure()).isEqualTo(Failure.BAD_REQUEST))
        .hasMessageStartingWith("session_id: must ");
  }
}
