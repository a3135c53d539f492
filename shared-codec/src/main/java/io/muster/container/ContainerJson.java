package io.muster.container;

import io.muster.container.ContainerSpec.PortMapping;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;

/** A claim and its container as APIs show them; of its environment the names alone. */
public final class ContainerJson {
  private ContainerJson() {}

  public static JsonObject of(ContainerInfo container) {
    ContainerSpec spec = container.spec();
    JsonObject json =
        new JsonObject()
            .put("claim_id", spec.claimId())
            .put("container_id", container.containerId())
            .put("node_id", container.nodeId())
            .put("image", spec.image())
            .put("state", name(container.state()))
            .put("gpu_ids", new JsonArray(container.gpuIds()))
            .put("port_mappings", ports(container))
            .put("env_names", new JsonArray(spec.withoutEnv().env()))
            .put("command", new JsonArray(spec.command()))
            .put("tags", new JsonArray(spec.tags()))
            .put("memory", spec.memory() == 0 ? null : spec.memory())
            .put("cpus", spec.cpus() == 0 ? null : spec.cpus())
            .put("restart", name(spec.restart()))
            .put("restarts", container.restarts())
            .put("created_at", time(container.createdAt()))
            .put("started_at", time(container.startedAt()))
            .put("finished_at", time(container.finishedAt()))
            .put("exit_code", container.exitCode())
            .put("error", container.error());
    if (spec.server() != null) {
      json.put(
          "server",
          new JsonObject()
              .put("name", spec.server().name())
              .put("health", container.health())
              .put("models", new JsonArray(spec.server().models())));
    }
    return json;
  }

  /** The same for the same container asked for, environment and all. */
  public static String hash(ContainerSpec spec) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(JsonObject.mapFrom(spec).encode().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** As the APIs call it. */
  public static String name(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static JsonArray ports(ContainerInfo container) {
    JsonArray ports = new JsonArray();
    for (PortMapping port : container.ports()) {
      ports.add(
          new JsonObject()
              .put("host_ip", port.hostIp())
              .put("host_port", port.hostPort())
              .put("container_port", port.containerPort())
              .put("protocol", port.protocol()));
    }
    return ports;
  }

  private static String time(long ms) {
    return ms == 0 ? null : Instant.ofEpochMilli(ms).toString();
  }
}
