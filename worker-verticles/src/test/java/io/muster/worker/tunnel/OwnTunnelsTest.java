package io.muster.worker.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The setting TUNNELS, and what a node's owner lets the hub order. */
class OwnTunnelsTest {
  @Test
  void readsTunnels() {
    assertThat(
            OwnTunnels.parse(
                List.of(
                    "ssh=tcp://127.0.0.1:22?port=6001",
                    "dns=udp://10.0.0.1:53",
                    "db=tcp://[::1]:5432",
                    "web=http://localhost:8080?domain=a.example&domain=b.example")))
        .containsExactly(
            new Tunnel("ssh", TunnelType.TCP, "127.0.0.1", 22, 6001, List.of()),
            new Tunnel("dns", TunnelType.UDP, "10.0.0.1", 53, 0, List.of()),
            new Tunnel("db", TunnelType.TCP, "::1", 5432, 0, List.of()),
            new Tunnel(
                "web", TunnelType.HTTP, "localhost", 8080, 0, List.of("a.example", "b.example")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ssh | NAME=TYPE",
        "ssh=tcp://127.0.0.1 | localPort",
        "ssh=ftp://127.0.0.1:22 | type",
        "s s=tcp://127.0.0.1:22 | name",
        "web=http://127.0.0.1:80 | domains",
        "web=http://127.0.0.1:80?domain=a%22b | domains",
        "web=http://127.0.0.1:80?domain=a&port=7 | remotePort",
        "ssh=tcp://127.0.0.1:22?port=66000 | remotePort",
        "ssh=tcp://127.0.0.1:22?prt=1 | not prt=1",
        "ssh=tcp://me@127.0.0.1:22 | nothing else",
      })
  void namesWhatIsWrong(String text, String named) {
    assertThatThrownBy(() -> OwnTunnels.parse(List.of(text)))
        .hasMessageStartingWith("TUNNELS: ")
        .hasMessageContaining(named);
  }

  @Test
  void refusesANameThatIsThereTwice() {
    assertThatThrownBy(() -> OwnTunnels.parse(List.of("a=tcp://h:1", "a=tcp://h:2")))
        .hasMessageContaining("twice");
  }

  @Test
  void leavesToTheOwnerWhatMayBeOrdered() {
    TunnelPolicy usual = new TunnelPolicy(List.of(), true, List.of());
    assertThat(usual.refusal(ordered("127.0.0.1", 22))).isNull();
    assertThat(usual.refusal(ordered("10.0.0.7", 22))).contains("TUNNEL_TARGETS");
    TunnelPolicy listed =
        new TunnelPolicy(List.of(), true, List.of("127.0.0.1:8080", "10.0.0.7:*"));
    assertThat(listed.refusal(ordered("127.0.0.1", 22))).contains("TUNNEL_TARGETS");
    assertThat(listed.refusal(ordered("127.0.0.1", 8080))).isNull();
    assertThat(listed.refusal(ordered("10.0.0.7", 22))).isNull();
    TunnelPolicy none = new TunnelPolicy(List.of(), false, List.of());
    assertThat(none.refusal(ordered("127.0.0.1", 22))).contains("TUNNELS_FROM_HUB");
    assertThat(usual.refusal(ordered("127.0.0.1\"", 22))).contains("localHost");
  }

  @Test
  void knowsItsOwnTunnelsAndTakesNoOthersForThem() {
    Tunnel ssh = ordered("10.0.0.7", 22).tunnel();
    Tunnel fixed = new Tunnel("f", TunnelType.TCP, "10.0.0.7", 80, 20_005, List.of());
    TunnelPolicy policy = new TunnelPolicy(List.of(ssh.at(0), fixed), false, List.of());
    assertThat(policy.refusal(new Planned(ssh, false))).isNull();
    assertThat(policy.refusal(new Planned(fixed, false))).isNull();
    assertThat(policy.refusal(new Planned(ssh.at(0), false))).contains("leased");
    assertThat(policy.refusal(new Planned(fixed.at(20_006), false))).contains("TUNNELS");
    assertThat(policy.refusal(new Planned(ordered("10.0.0.8", 22).tunnel(), false)))
        .contains("TUNNELS");
  }

  private static Planned ordered(String host, int port) {
    return new Planned(new Tunnel("t", TunnelType.TCP, host, port, 20_000, List.of()), true);
  }
}
