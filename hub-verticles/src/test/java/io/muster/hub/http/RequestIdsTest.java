package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RequestIdsTest {
  @Test
  void makesIdsOfOneLengthAndNeverOneTwice() {
    Set<String> made = new HashSet<>();
    RequestIds here = new RequestIds("req_");
    RequestIds there = new RequestIds("req_");
    for (int i = 0; i < 1000; i++) {
      made.add(here.next());
      made.add(there.next());
    }
    assertThat(made).hasSize(2000).allMatch(id -> id.length() == 26 && RequestIds.sane(id));
  }

  @Test
  void takesOverOnlyWhatIsSafeInLogsAndHeaders() {
    assertThat(RequestIds.sane("a-1:b/c~")).isTrue();
    assertThat(RequestIds.sane("x".repeat(128))).isTrue();
    assertThat(RequestIds.sane("x".repeat(129))).isFalse();
    assertThat(RequestIds.sane("")).isFalse();
    assertThat(RequestIds.sane(null)).isFalse();
    assertThat(RequestIds.sane("a b")).isFalse();
    assertThat(RequestIds.sane("a\nb")).isFalse();
    assertThat(RequestIds.sane("ä")).isFalse();
  }
}
