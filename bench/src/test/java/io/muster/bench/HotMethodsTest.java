package io.muster.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HotMethodsTest {
  @Test
  void countsAMethodOnceAStack() {
    HotMethods methods =
        HotMethods.of(List.of("[loop tid=7];run;read;read 3", "[loop tid=7];run;write 1"));

    assertThat(methods.samples()).isEqualTo(4);
    assertThat(methods.threads()).containsEntry("[loop]", 4L);
    assertThat(methods.self()).containsEntry("read", 3L).containsEntry("write", 1L);
    assertThat(methods.total()).containsEntry("read", 3L).containsEntry("run", 4L);
  }
}
