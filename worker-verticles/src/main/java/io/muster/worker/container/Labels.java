package io.muster.worker.container;

import io.muster.container.ContainerSpec;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What is written on a container, by which a node finds its own again. Nothing secret. */
final class Labels {
  static final String CLAIM = "io.muster.claim";
  static final String NODE = "io.muster.node";
  static final String HASH = "io.muster.hash";
  static final String GPUS = "io.muster.gpus";
  static final String SPEC = "io.muster.spec";

  private Labels() {}

  static Map<String, String> of(
      String nodeId, ContainerSpec spec, String hash, List<Integer> gpuIds) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(CLAIM, spec.claimId());
    labels.put(NODE, nodeId);
    labels.put(HASH, hash);
    labels.put(GPUS, gpuIds.stream().map(String::valueOf).collect(Collectors.joining(",")));
    labels.put(SPEC, JsonObject.mapFrom(spec.withoutEnv()).encode());
    return labels;
  }

  static String hash(Map<String, String> labels) {
    return labels.getOrDefault(HASH, "");
  }

  static List<Integer> gpus(Map<String, String> labels) {
    return Arrays.stream(labels.getOrDefault(GPUS, "").split(","))
        .filter(id -> id.matches("[0-9]{1,4}"))
        .map(Integer::valueOf)
        .toList();
  }

  /** The container as it was asked for, without its environment; null where it cannot be read. */
  static ContainerSpec spec(Map<String, String> labels) {
    try {
      return new JsonObject(labels.getOrDefault(SPEC, "{}")).mapTo(ContainerSpec.class);
    } catch (DecodeException | IllegalArgumentException e) {
      return null;
    }
  }
}
