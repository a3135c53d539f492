package io.muster.node;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a node says of itself when it registers.
 *
 * @param id the same over restarts
 * @param instance another at every start of its process
 * @param memberId its member of the cluster, null for a node that is none
 * @param name for people
 * @param location for people, null when not given
 * @param version of Muster, or of whatever the node is
 * @param startedAt milliseconds since 1970
 * @param capabilities what kinds of work it takes, {@code chat} among them when it serves models
 * @param tools those it offers
 * @param models the models it serves, its default first
 * @param personality a companion's, else null
 * @param endpoint where its own HTTP interface is, null when it has none
 * @param maxConcurrent how many jobs it takes at once
 */
public record NodeInfo(
    String id,
    String instance,
    String memberId,
    String name,
    String location,
    NodeType type,
    String version,
    long startedAt,
    List<String> capabilities,
    List<ToolInfo> tools,
    List<ModelInfo> models,
    Map<String, Object> personality,
    String endpoint,
    Ips ips,
    int maxConcurrent,
    Resources resources,
    Map<String, String> metadata) {

  public NodeInfo {
    capabilities = capabilities == null ? List.of() : List.copyOf(capabilities);
    tools = tools == null ? List.of() : List.copyOf(tools);
    models = models == null ? List.of() : List.copyOf(models);
    // Not Map.copyOf: its values come from JSON, where null is one.
    personality =
        personality == null ? null : Collections.unmodifiableMap(new LinkedHashMap<>(personality));
    metadata = metadata == null ? Map.of() : Map.copyOf(metadata);
  }

  /** The node's addresses; the public one is null when the node does not know it. */
  public record Ips(List<String> localIPs, String publicIP) {
    public Ips {
      localIPs = localIPs == null ? List.of() : List.copyOf(localIPs);
    }
  }

  /**
   * What the machine has.
   *
   * @param cpu logical processors
   * @param memory bytes
   * @param disk bytes, of the file system that holds the node's data
   */
  public record Resources(int cpu, long memory, long disk) {}

  /** The names of its tools. */
  public List<String> toolNames() {
    return ToolInfo.names(tools);
  }

  /** Whether it serves this model. */
  public boolean serves(String model) {
    for (ModelInfo info : models) {
      if (info.id().equals(model)) {
        return true;
      }
    }
    return false;
  }
}
