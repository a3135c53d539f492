package io.muster.runtime.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.DiscoveryStrategyConfig;
import com.hazelcast.config.InterfacesConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.ServerSocketEndpointConfig;
import com.hazelcast.config.XmlConfigBuilder;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.instance.EndpointQualifier;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The Hazelcast configuration of this process: {@code cluster.xml} (the built-in one, or the file
 * that CLUSTER_CONFIG names) with what the settings say of name, interface, ports and members.
 *
 * @param search finds other members; empty when the file turns its {@code tcp-ip} off, and with it
 *     chooses a way of its own
 */
record ClusterConfig(Config config, Optional<MemberSearch> search) {
  private static final String BUILT_IN = "/cluster.xml";
  private static final String VALIDATION = "hazelcast.config.schema.validation.enabled";
  private static final PortProbe PROBE =
      new PortProbe(Duration.ofMillis(500), Duration.ofSeconds(3));

  /**
   * Reads the configuration and puts the settings in.
   *
   * @throws StartRefused when the file cannot be used, or CLUSTER_HOST is none of this machine's
   */
  static ClusterConfig load(Settings settings) {
    String address = localAddress(settings);
    Config config = read(settings);
    config.setClusterName(settings.get(Catalogue.CLUSTER_NAME));
    config.getMemberAttributeConfig().setAttribute(Cluster.ROLE_ATTRIBUTE, settings.role().name());
    JoinConfig join;
    if (config.getAdvancedNetworkConfig().isEnabled()) {
      join = config.getAdvancedNetworkConfig().getJoin();
      ServerSocketEndpointConfig endpoint =
          (ServerSocketEndpointConfig)
              config.getAdvancedNetworkConfig().getEndpointConfigs().get(EndpointQualifier.MEMBER);
      endpoint.setPort(settings.get(Catalogue.CLUSTER_PORT));
      endpoint.setPortCount(settings.get(Catalogue.CLUSTER_PORT_COUNT));
      settings.find(Catalogue.CLUSTER_PUBLIC_ADDRESS).ifPresent(endpoint::setPublicAddress);
      bind(endpoint.getInterfaces(), address);
    } else {
      join = config.getNetworkConfig().getJoin();
      NetworkConfig network = config.getNetworkConfig();
      network.setPort(settings.get(Catalogue.CLUSTER_PORT));
      network.setPortCount(settings.get(Catalogue.CLUSTER_PORT_COUNT));
      settings.find(Catalogue.CLUSTER_PUBLIC_ADDRESS).ifPresent(network::setPublicAddress);
      bind(network.getInterfaces(), address);
    }
    if (!join.getTcpIpConfig().isEnabled()) {
      return new ClusterConfig(config, Optional.empty());
    }
    MemberSearch search =
        new MemberSearch(Seed.of(settings, join.getTcpIpConfig().getMembers()), PROBE);
    join.getTcpIpConfig().setEnabled(false);
    join.getDiscoveryConfig().addDiscoveryStrategyConfig(new DiscoveryStrategyConfig(search));
    config.setProperty("hazelcast.discovery.enabled", "true");
    return new ClusterConfig(config, Optional.of(search));
  }

  private static void bind(InterfacesConfig interfaces, String address) {
    interfaces.clear();
    interfaces.setEnabled(true).addInterface(address);
  }

  private static String localAddress(Settings settings) {
    String host = settings.get(Catalogue.CLUSTER_HOST);
    try {
      InetAddress address = InetAddress.getByName(host);
      if (NetworkInterface.getByInetAddress(address) != null) {
        return address.getHostAddress();
      }
    } catch (IOException e) {
      // An unknown host is none of ours either.
    }
    throw new StartRefused(
        "CLUSTER_HOST="
            + host
            + " ("
            + settings.source(Catalogue.CLUSTER_HOST).label()
            + "): must be an address of this machine");
  }

  private static Config read(Settings settings) {
    Optional<Path> file = settings.find(Catalogue.CLUSTER_CONFIG);
    return file.isPresent() ? read(file.get(), settings) : builtIn();
  }

  private static Config read(Path file, Settings settings) {
    String problem;
    try (InputStream in = Files.newInputStream(file)) {
      return new XmlConfigBuilder(in).build();
    } catch (HazelcastException e) {
      problem = "is no valid Hazelcast configuration: " + e.getMessage();
    } catch (IOException e) {
      problem = "cannot be read";
    }
    throw new StartRefused(
        "CLUSTER_CONFIG="
            + file
            + " ("
            + settings.source(Catalogue.CLUSTER_CONFIG).label()
            + "): this file "
            + problem);
  }

  /** The built-in file is checked by a test: checking it at each start would cost 0.3 s. */
  private static Config builtIn() {
    String before = System.getProperty(VALIDATION);
    System.setProperty(VALIDATION, "false");
    try (InputStream in = ClusterConfig.class.getResourceAsStream(BUILT_IN)) {
      return new XmlConfigBuilder(Objects.requireNonNull(in, "cluster.xml is not packed")).build();
    } catch (IOException e) {
      throw new IllegalStateException("cannot read the built-in cluster.xml", e);
    } finally {
      if (before == null) {
        System.clearProperty(VALIDATION);
      } else {
        System.setProperty(VALIDATION, before);
      }
    }
  }
}
