package io.muster.hub.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SignatureTest {
  /** By {@code printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test_secret_1}. */
  @Test
  void isWhatOpensslSays() {
    assertThat(
            Signature.of(
                "whsec_test_secret_1", 1_700_000_000, "{\"a\":1}".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(
            "t=1700000000,v1=52cfeb510cf96374ea094bf9623975c0f517e1c3091f80ea7e0941290d2514df");
  }
}
