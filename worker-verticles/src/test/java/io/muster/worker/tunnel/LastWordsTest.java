package io.muster.worker.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** With lines of frpc 0.70.1. */
class LastWordsTest {
  @Test
  void keepsWhyAndNotThatItWasAsked() {
    LastWords words = new LastWords(List.of("s3cret"));
    String why =
        "2026-11-21 20:37:56.819 [W] [client/service.go:322] connect to server error: token in"
            + " login doesn't match token from configuration";
    words.take(why);
    for (int asked = 0; asked < 5; asked++) {
      words.take("2026-11-21 20:36:49.676 [I] [http/middleware.go:35] http request: [/api/status]");
      words.take(
          "2026-11-21 20:36:49.676 [I] [http/middleware.go:38] http response [/api/status]: code"
              + " [200]");
    }
    words.take("the token is s3cret");
    assertThat(words.text()).isEqualTo(why + " / the token is ***");
  }
}
