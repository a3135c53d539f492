package io.muster.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DeltaCheckTest {
  private final Times delays = new Times();
  private final DeltaCheck check = new DeltaCheck(3, true, delays);

  @Test
  void takesAllDeltasInOrder() {
    feed("data: {\"content\":\"#0 a\"}\n\ndata: #1 b\n\ndata: #2 c\n\ndata: [DONE]\n\n");

    assertThat(check.clean()).isTrue();
  }

  @Test
  void takesPiecesOfAnySize() {
    String stream =
        "data: xxxxxxxxxxxx#0@17 a\n\ndata: #1@18 b\n\ndata: #2@19 c\n\ndata: [DONE]\n\n";
    for (int size = 1; size < stream.length(); size++) {
      check.begin();
      for (int i = 0; i < stream.length(); i += size) {
        feed(stream.substring(i, Math.min(stream.length(), i + size)));
      }
      assertThat(check.clean()).as("pieces of %d bytes: %s", size, check.found()).isTrue();
    }
  }

  @Test
  void seesAMissingDelta() {
    feed("#0 #2 [DONE]\n\n");

    assertThat(check.clean()).isFalse();
    assertThat(check.found()).isEqualTo("2 of 3 deltas, not in order");
  }

  @Test
  void seesASwappedAndARepeatedDelta() {
    feed("#1 #0 #2 [DONE]\n\n");
    assertThat(check.clean()).isFalse();

    check.begin();
    feed("#0 #1 #1 #2 [DONE]\n\n");
    assertThat(check.clean()).isFalse();
  }

  @Test
  void wantsTheEndMarkAtTheEnd() {
    feed("#0 #1 [DONE] #2 \n\n");

    assertThat(check.clean()).isFalse();
    assertThat(check.found()).isEqualTo("3 of 3 deltas, no [DONE]");
  }

  @Test
  void recordsHowLongAStampedDeltaTook() {
    feed("#0@400 x");

    assertThat(delays.micros(0.5)).isEqualTo(0.6);
  }

  /** Every piece arrives at nanosecond 1000. */
  private void feed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    check.body(bytes, 0, bytes.length, 1000);
  }
}
