package io.muster.worker.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyChoiceTest {
  @Test
  void takesTheProxyOfTheScheme() {
    Map<String, String> environment =
        Map.of("HTTPS_PROXY", "http://us%40er:p%3Aw@proxy.example:8080", "http_proxy", "other:81");
    ProxyOptions https =
        ProxyChoice.forServer(URI.create("https://api.example"), environment).orElseThrow();
    assertThat(https.getHost()).isEqualTo("proxy.example");
    assertThat(https.getPort()).isEqualTo(8080);
    assertThat(https.getUsername()).isEqualTo("us@er");
    assertThat(https.getPassword()).isEqualTo("p:w");
    ProxyOptions http =
        ProxyChoice.forServer(URI.create("http://api.example"), environment).orElseThrow();
    assertThat(http.getHost()).isEqualTo("other");
    assertThat(http.getPort()).isEqualTo(81);
    assertThat(
            ProxyChoice.forServer(
                    URI.create("http://api.example"), Map.of("ALL_PROXY", "socks5://p:1080"))
                .orElseThrow()
                .getType())
        .isEqualTo(ProxyType.SOCKS5);
    assertThat(ProxyChoice.forServer(URI.create("http://api.example"), Map.of())).isEmpty();
  }

  @Test
  void doesNotShowAPasswordInWhatIsWrong() {
    for (String wrong : new String[] {"http://u:secret@bad host", "http://u:secret@"}) {
      assertThatThrownBy(
              () ->
                  ProxyChoice.forServer(
                      URI.create("http://api.example"), Map.of("HTTP_PROXY", wrong)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageNotContaining("secret")
          .hasNoCause();
    }
  }

  @Test
  void keepsNothingElseOfTheEnvironment() {
    ClientOptions options =
        new ClientOptions(1, 1, 1, 1, 1, Map.of("OPENAI_API_KEY", "k", "no_proxy", "x"));
    assertThat(options.environment()).containsOnlyKeys("no_proxy");
  }

  @ParameterizedTest
  @CsvSource({
    "api.example,true",
    "a.api.example,true",
    "xapi.example,false",
    "in.corp,true",
    "corp,false",
    "localhost,true",
    "127.0.0.2,true",
    "10.0.0.1,true",
    "10.0.0.2,false",
  })
  void leavesOutWhatNoProxyNames(String host, boolean direct) {
    Map<String, String> environment =
        Map.of("HTTP_PROXY", "p:1", "NO_PROXY", "API.example, .corp,10.0.0.1");
    assertThat(ProxyChoice.forServer(URI.create("http://" + host), environment).isEmpty())
        .isEqualTo(direct);
  }
}
