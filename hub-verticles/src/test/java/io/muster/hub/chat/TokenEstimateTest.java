package io.muster.hub.chat;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenEstimateTest {
  @Test
  void fourLatinCharactersAreAToken() {
    assertThat(TokenEstimate.of("")).isZero();
    assertThat(TokenEstimate.of("a")).isEqualTo(1);
    assertThat(TokenEstimate.of("abcd")).isEqualTo(1);
    assertThat(TokenEstimate.of("abcde")).isEqualTo(2);
    assertThat(TokenEstimate.of("naïve çedilla ő")).isEqualTo(4);
  }

  @Test
  void aChineseJapaneseOrKoreanCharacterIsAToken() {
    assertThat(TokenEstimate.of("你好")).isEqualTo(2);
    assertThat(TokenEstimate.of("カタカナ")).isEqualTo(4);
    assertThat(TokenEstimate.of("한국어")).isEqualTo(3);
    assertThat(TokenEstimate.of(",。")).isEqualTo(2);
  }

  @Test
  void otherScriptsAreBetween() {
    assertThat(TokenEstimate.of("привет")).isEqualTo(3);
    assertThat(TokenEstimate.of("\uD83D\uDE00")).isEqualTo(2);
  }
}
