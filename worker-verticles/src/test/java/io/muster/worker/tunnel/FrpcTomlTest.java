package io.muster.worker.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelType;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What frpc reads, to the letter. */
class FrpcTomlTest {
  private static final FrpcToml.Admin ADMIN = new FrpcToml.Admin(7400, "muster", "pass");

  @Test
  void writesWhatFrpcReads() {
    FrpServer server =
        FrpServer.of("frp.example.org:7100", 7000, "s3cret", Path.of("/etc/frp/ca.pem"));
    String toml =
        FrpcToml.of(
            server,
            "w1",
            ADMIN,
            List.of(
                new Tunnel("ssh", TunnelType.TCP, "127.0.0.1", 22, 6001, List.of()),
                new Tunnel(
                    "web",
                    TunnelType.HTTP,
                    "127.0.0.1",
                    8080,
                    0,
                    List.of("a.example.org", "*.b.example.org"))));

    assertThat(toml)
        .isEqualTo(
            """
            serverAddr = "frp.example.org"
            serverPort = 7100
            user = "w1"
            loginFailExit = false
            auth.method = "token"
            auth.token = "s3cret"
            transport.tls.enable = true
            transport.tls.trustedCaFile = "/etc/frp/ca.pem"
            transport.tls.serverName = "frp.example.org"
            log.to = "console"
            log.level = "info"
            log.disablePrintColor = true
            webServer.addr = "127.0.0.1"
            webServer.port = 7400
            webServer.user = "muster"
            webServer.password = "pass"

            [[proxies]]
            name = "ssh"
            type = "tcp"
            localIP = "127.0.0.1"
            localPort = 22
            remotePort = 6001

            [[proxies]]
            name = "web"
            type = "http"
            localIP = "127.0.0.1"
            localPort = 8080
            customDomains = ["a.example.org", "*.b.example.org"]
            """);
  }

  @Test
  void letsNoValueOutOfItsQuotesOrIntoTheTemplate() {
    assertThat(FrpcToml.quoted("a\"\n[x]\\{{ .Envs.HOME }}"))
        .isEqualTo("\"a\\\"\\u000A[x]\\\\\\u007B\\u007B .Envs.HOME \\u007D\\u007D\"");
  }

  @Test
  void neverShowsTheToken() {
    assertThat(FrpServer.of("frp.example.org", 7000, "s3cret", null).toString())
        .isEqualTo("frp.example.org:7000");
    assertThat(ADMIN.toString()).doesNotContain("pass");
  }
}
