package io.muster.worker;

import io.muster.metric.Sample;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What this worker says of itself when it registers. */
final class Self {
  private final NodeInfo base;

  /**
   * @param endpoint where its HTTP interface can be reached, for people
   */
  Self(
      Settings settings,
      String nodeId,
      String instance,
      String memberId,
      String version,
      long startedAt,
      String endpoint) {
    this.base =
        new NodeInfo(
            nodeId,
            instance,
            memberId,
            settings.find(Catalogue.NODE_NAME).orElseGet(Self::hostName),
            settings.find(Catalogue.NODE_LOCATION).orElse(null),
            NodeType.WORKER,
            version,
            startedAt,
            List.of(),
            List.of(),
            List.of(),
            null,
            endpoint,
            new NodeInfo.Ips(localAddresses(), null),
            settings.get(Catalogue.WORKER_MAX_CONCURRENT),
            resources(settings.folder(Catalogue.DATA_DIR)),
            Map.of());
  }

  /**
   * As it is now.
   *
   * @param more capabilities of its features
   */
  NodeInfo with(
      List<ModelInfo> models,
      List<ToolInfo> tools,
      List<String> more,
      int maxConcurrent,
      Sample sample) {
    NodeInfo.Resources resources = base.resources();
    if (sample != null) {
      resources =
          new NodeInfo.Resources(sample.processors(), sample.memoryTotal(), sample.diskTotal());
    }
    return new NodeInfo(
        base.id(),
        base.instance(),
        base.memberId(),
        base.name(),
        base.location(),
        base.type(),
        base.version(),
        base.startedAt(),
        capabilities(models, tools, more),
        tools,
        models,
        base.personality(),
        base.endpoint(),
        base.ips(),
        maxConcurrent,
        resources,
        base.metadata());
  }

  private static List<String> capabilities(
      List<ModelInfo> models, List<ToolInfo> tools, List<String> more) {
    List<String> capabilities = new ArrayList<>();
    if (!models.isEmpty()) {
      capabilities.add("chat");
    }
    if (!tools.isEmpty()) {
      capabilities.add("tool");
    }
    capabilities.addAll(more);
    return capabilities;
  }

  /** Where others find its HTTP: the setting, else the interface it listens on. */
  static String endpoint(Settings settings, int port) {
    return settings
        .url(Catalogue.NODE_ENDPOINT)
        .orElseGet(
            () -> {
              String host = settings.get(Catalogue.WORKER_HOST);
              boolean any = host.equals("0.0.0.0") || host.equals("::");
              return "http://" + (any ? hostName() : host) + ":" + port;
            });
  }

  private static NodeInfo.Resources resources(Path dataDir) {
    return new NodeInfo.Resources(
        Runtime.getRuntime().availableProcessors(), -1, dataDir.toFile().getTotalSpace());
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static List<String> localAddresses() {
    List<String> addresses = new ArrayList<>();
    try {
      for (NetworkInterface nic : Collections.list(NetworkInterface.getNetworkInterfaces())) {
        if (nic.isUp() && !nic.isLoopback()) {
          for (InterfaceAddress address : nic.getInterfaceAddresses()) {
            if (!address.getAddress().isLinkLocalAddress()) {
              // Without the scope, which means something on this machine only.
              addresses.add(address.getAddress().getHostAddress().replaceFirst("%.*", ""));
            }
          }
        }
      }
    } catch (SocketException e) {
      // For people only: a machine that does not tell has none.
      return List.of();
    }
    return addresses;
  }
}
