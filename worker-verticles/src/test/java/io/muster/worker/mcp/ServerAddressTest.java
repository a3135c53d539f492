package io.muster.worker.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The settings MCP_SERVERS and MCP_TOKENS. */
class ServerAddressTest {
  @Test
  void readsServers() {
    assertThat(
            ServerAddress.parse(
                List.of("files=stdio:/usr/bin/files --root /srv", "web=https://h.example/mcp"),
                List.of("web=t=oken")))
        .containsExactly(
            new ServerAddress("files", null, List.of("/usr/bin/files", "--root", "/srv"), null),
            new ServerAddress("web", URI.create("https://h.example/mcp"), List.of(), "t=oken"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "web | | NAME=ADDRESS",
        "w_b=https://h/mcp | | NAME=ADDRESS",
        "web=ftp://h/mcp | | http(s)",
        "web=https://user:pass@h/mcp | | MCP_TOKENS",
        "web=stdio: | | COMMAND",
        "web=https://h/mcp | other=x | no server called other",
        "web=https://h/mcp | secret | NAME=TOKEN",
      })
  void namesWhatIsWrong(String server, String token, String named) {
    assertThatThrownBy(
            () -> ServerAddress.parse(List.of(server), token == null ? List.of() : List.of(token)))
        .hasMessageContaining(named)
        .message()
        .doesNotContain("secret");
  }

  @Test
  void showsNoSecret() {
    List<ServerAddress> all =
        ServerAddress.parse(
            List.of("a=https://h.example/mcp?key=hidden", "b=stdio:/bin/x --key hidden"),
            List.of("a=hidden"));
    assertThat(all.toString())
        .isEqualTo("[a (https://h.example/mcp), b (/bin/x)]")
        .doesNotContain("hidden");
  }
}
