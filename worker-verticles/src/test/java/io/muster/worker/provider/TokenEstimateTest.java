package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenEstimateTest {
  @Test
  void countsLettersByFourAndIdeographsOneByOne() {
    assertThat(TokenEstimate.of("")).isZero();
    assertThat(TokenEstimate.of("a")).isEqualTo(1);
    assertThat(TokenEstimate.of("Hello, world")).isEqualTo(3);
    assertThat(TokenEstimate.of("你好，世界")).isEqualTo(5);
    assertThat(TokenEstimate.of("こんにちは")).isEqualTo(5);
    assertThat(TokenEstimate.of("안녕")).isEqualTo(2);
    assertThat(TokenEstimate.of("你好 abc")).isEqualTo(3);
    assertThat(TokenEstimate.of("\uD840\uDC00")).isEqualTo(1);
  }

  @Test
  void countsWhatIsSaidInMessagesOnly() {
    String request =
        "{\"model\":\"a-model-with-a-long-name\",\"messages\":[{\"role\":\"user\",\"content\":"
            + "[{\"type\":\"text\",\"text\":\"abcd\"},{\"type\":\"image_url\",\"image_url\":"
            + "{\"url\":\"data:image/png;base64,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}}]},"
            + "{\"role\":\"assistant\",\"content\":\"abcdefgh\"}]}";
    assertThat(TokenEstimate.ofMessages(request.getBytes(UTF_8))).isEqualTo(3 + 1 + 3 + 2);
    assertThat(TokenEstimate.ofMessages("[\"content\",\"x\"]".getBytes(UTF_8))).isZero();
    assertThat(TokenEstimate.ofMessages("nonsense".getBytes(UTF_8))).isZero();
  }
}
