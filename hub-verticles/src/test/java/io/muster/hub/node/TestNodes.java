package io.muster.hub.node;

import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Nodes for the tests. */
public final class TestNodes {
  private TestNodes() {}

  /** The models as {@code id} or {@code id@provider}. */
  public static NodeInfo info(String id, String instance, int places, String... models) {
    return info(id, instance, "member-of-" + instance, places, models);
  }

  public static NodeInfo info(
      String id, String instance, String memberId, int places, String... models) {
    List<ModelInfo> infos =
        Arrays.stream(models)
            .map(model -> model.split("@"))
            .map(m -> new ModelInfo(m[0], m.length > 1 ? m[1] : "demo", "me", 0, 0))
            .toList();
    return new NodeInfo(
        id,
        instance,
        memberId,
        id,
        null,
        NodeType.WORKER,
        "1",
        0,
        List.of("chat"),
        List.of(),
        infos,
        null,
        null,
        null,
        places,
        null,
        Map.of());
  }

  /** A snapshot, for the balancers. */
  public static Node node(String id, int active, int places) {
    return new Node(info(id, "i", places, "m"), NodeState.ONLINE, active);
  }
}
