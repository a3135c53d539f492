package io.muster.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void aFullRunIsWrittenToTheDocuments() {
    assertThat(Options.parse().out()).isEqualTo(Path.of("docs/benchmarks.md"));
    assertThat(Options.parse("--quick").out()).isEqualTo(Options.STANDARD_OUTPUT);
    assertThat(Options.parse("--only", "nginx").out()).isEqualTo(Options.STANDARD_OUTPUT);
    assertThat(Options.parse("--nodes").out()).isEqualTo(Path.of("docs/benchmarks.md"));
  }

  @Test
  void theUpstreamItselfIsAlwaysMeasured() {
    assertThat(Options.parse("--only", "muster,nginx").only())
        .containsExactly("direct", "nginx", "muster");
  }

  @Test
  void saysWhatItDoesNotUnderstand() {
    assertThatThrownBy(() -> Options.parse("--fast")).hasMessageContaining("--fast");
    assertThatThrownBy(() -> Options.parse("--rounds")).hasMessageContaining("wants a value");
    assertThatThrownBy(() -> Options.parse("--rounds", "0")).hasMessageContaining("1 to 99");
    assertThatThrownBy(() -> Options.parse("--only", "apache")).hasMessageContaining("apache");
  }
}
