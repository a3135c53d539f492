package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KnownHostsTest {
  private final KnownHosts hosts = new KnownHosts(List.of("Chat.example.org"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LOCALHOST",
        "muster.localhost",
        "127.0.0.1",
        "127.8.9.1",
        "10.0.0.7",
        "::1",
        "[::1]",
        "chat.example.org",
        "CHAT.EXAMPLE.ORG"
      })
  void knowsThisMachineAndWhatIsNamed(String host) {
    assertThat(hosts.knows(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "rebound.example",
        "localhost.rebound.example",
        "notlocalhost",
        "127.0.0.1.rebound.example",
        "a.chat.example.org",
        "127.0.0.1\n",
        "2130706433"
      })
  void knowsNoOtherName(String host) {
    assertThat(hosts.knows(host)).isFalse();
  }
}
