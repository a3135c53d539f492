package io.muster.hub.storage;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StorableTextTest {
  @Test
  void goodTextIsTheSameObject() {
    String text = "a 你 \uD83D\uDE00";
    assertThat(StorableText.of(text)).isSameAs(text);
    assertThat(StorableText.of(null)).isNull();
    assertThat(StorableText.of("")).isEmpty();
  }

  @Test
  void whatIsNoTextIsReplaced() {
    assertThat(StorableText.of("\u0000a\u0000")).isEqualTo("\uFFFDa\uFFFD");
    assertThat(StorableText.of("\uD83D")).isEqualTo("\uFFFD");
    assertThat(StorableText.of("\uDE00\uD83D\uDE00\uD83D")).isEqualTo("\uFFFD\uD83D\uDE00\uFFFD");
    assertThat(StorableText.of("\uD83D\uD83D\uDE00")).isEqualTo("\uFFFD\uD83D\uDE00");
  }
}
