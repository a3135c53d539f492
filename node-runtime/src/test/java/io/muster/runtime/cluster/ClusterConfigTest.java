package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.MultiMapConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.instance.EndpointQualifier;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterConfigTest {
  @TempDir Path folder;

  @Test
  void theBuiltInFileIsValidAndClosed() throws Exception {
    Config config;
    try (InputStream in = ClusterConfig.class.getResourceAsStream("/cluster.xml")) {
      config = new XmlConfigBuilder(in).build(); // With the schema's validation, unlike at start.
    }

    JoinConfig join = config.getAdvancedNetworkConfig().getJoin();
    assertThat(join.getMulticastConfig().isEnabled()).isFalse();
    assertThat(join.isAutoDetectionEnabled()).isFalse();
    assertThat(config.getProperty("hazelcast.socket.bind.any")).isEqualTo("false");
    assertThat(config.getProperty("hazelcast.phone.home.enabled")).isEqualTo("false");
    assertThat(config.getAdvancedNetworkConfig().getEndpointConfigs())
        .containsOnlyKeys(EndpointQualifier.MEMBER);
    assertThat(config.getJetConfig().isEnabled()).isFalse();
    assertThat(config.getMultiMapConfigs()).containsKey("__vertx.subs");
    assertThat(config.getMultiMapConfig("__vertx.subs").getValueCollectionType())
        .isEqualTo(MultiMapConfig.ValueCollectionType.SET);
    assertThat(config.getMapConfigs()).containsKeys("__vertx.haInfo", "__vertx.nodeInfo");
  }

  @Test
  void putsTheSettingsIn() {
    ClusterConfig loaded =
        load(
            Map.of(
                "CLUSTER_NAME", "blue",
                "CLUSTER_PORT", "6000",
                "CLUSTER_PORT_COUNT", "3",
                "CLUSTER_PUBLIC_ADDRESS", "hub.lan:7000",
                "CLUSTER_HOST", "localhost"));

    ServerSocketEndpointConfig endpoint =
        (ServerSocketEndpointConfig)
            loaded
                .config()
                .getAdvancedNetworkConfig()
                .getEndpointConfigs()
                .get(EndpointQualifier.MEMBER);
    assertThat(loaded.config().getClusterName()).isEqualTo("blue");
    assertThat(endpoint.getPort()).isEqualTo(6000);
    assertThat(endpoint.getPortCount()).isEqualTo(3);
    assertThat(endpoint.getPublicAddress()).isEqualTo("hub.lan:7000");
    assertThat(endpoint.getInterfaces().getInterfaces()).containsExactly("127.0.0.1");
    assertThat(loaded.search()).isPresent();
  }

  @Test
  void readsAnotherFileAndLeavesItsOwnWayOfJoining() throws Exception {
    Path file = folder.resolve("other.xml");
    Files.writeString(
        file,
        """
        <hazelcast xmlns="http://www.hazelcast.com/schema/config">
          <network><join><multicast enabled="true"/></join></network>
        </hazelcast>
        """);

    ClusterConfig loaded = load(Map.of("CLUSTER_CONFIG", file.toString()));

    assertThat(loaded.search()).isEmpty();
    assertThat(loaded.config().getNetworkConfig().getJoin().getMulticastConfig().isEnabled())
        .isTrue();
    assertThat(loaded.config().getNetworkConfig().getInterfaces().getInterfaces())
        .containsExactly("127.0.0.1");
  }

  @Test
  void aNamedFileMustBeThereAndValid() throws Exception {
    assertThatThrownBy(() -> load(Map.of("CLUSTER_CONFIG", "/nowhere/cluster.xml")))
        .isInstanceOf(StartRefused.class)
        .hasMessage("CLUSTER_CONFIG=/nowhere/cluster.xml (environment): this file cannot be read");

    Path file = Files.writeString(folder.resolve("broken.xml"), "<hazelcast><colour/></hazelcast>");
    assertThatThrownBy(() -> load(Map.of("CLUSTER_CONFIG", file.toString())))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("this file is no valid Hazelcast configuration");
  }

  @Test
  void theInterfaceMustBeOneOfThisMachine() {
    assertThatThrownBy(
            () ->
                load(
                    Map.of(
                        "CLUSTER_HOST", "198.51.100.1",
                        "BUS_TLS_CA", file("ca"),
                        "BUS_TLS_CERT", file("cert"),
                        "BUS_TLS_KEY", file("key"))))
        .isInstanceOf(StartRefused.class)
        .hasMessage("CLUSTER_HOST=198.51.100.1 (environment): must be an address of this machine");
  }

  private String file(String name) throws Exception {
    return Files.writeString(folder.resolve(name), "x").toString();
  }

  private ClusterConfig load(Map<String, String> env) {
    return ClusterConfig.load(Settings.load(Role.HUB, env, folder));
  }
}
