package io.muster.worker.tool.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WildcardTest {
  @ParameterizedTest
  @CsvSource({
    "*, a.txt, true",
    "*.txt, a.txt, true",
    "*.txt, a.txt.gz, false",
    "a?c, abc, true",
    "a?c, ac, false",
    "a*b*c, a1b2b3c, true",
    "a*b*c, a1c2b, false",
    "abc, abc, true",
    "abc, abcd, false"
  })
  void matches(String pattern, String name, boolean matches) {
    assertThat(new Wildcard(pattern).matches(name)).isEqualTo(matches);
  }

  @Test
  void manyStarsTakeNoTime() {
    assertThat(new Wildcard("*a".repeat(100) + "b").matches("a".repeat(255))).isFalse();
  }
}
