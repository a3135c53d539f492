package io.muster.hub.fleet;

import io.muster.metric.Alarm;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.node.ModelInfo;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import io.muster.node.NodeType;
import io.muster.node.ToolInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A fleet made by hand. */
public final class SomeNodes implements FleetView {
  public static final Sample SAMPLE =
      new Sample(
          1_000,
          4,
          0.25,
          1.5,
          8_000,
          4_000,
          0,
          0,
          100_000,
          60_000,
          500,
          700,
          12,
          0.05,
          200,
          50,
          100,
          5_000,
          10.5,
          20,
          List.of(new Sample.Disk("/", "ext4", 100_000, 60_000)),
          List.of(new Sample.Temperature("cpu", 41.5)),
          List.of(
              new Gpu(
                  0,
                  "GPU-1",
                  "Stub",
                  55,
                  24_000,
                  6_000,
                  .5,
                  200,
                  true,
                  List.of(new Gpu.Process(7, "python", 6_000)),
                  null)),
          List.of());

  private final List<NodeView> nodes = new ArrayList<>();
  private int queued;

  public static NodeInfo info(String id, String... models) {
    List<ModelInfo> offered = new ArrayList<>();
    for (String model : models) {
      offered.add(new ModelInfo(model, "demo", "muster", 1_700_000_000, 8192));
    }
    return new NodeInfo(
        id,
        id + "-process",
        "member-" + id,
        "Node " + id,
        "Berlin",
        NodeType.WORKER,
        "0.1.0",
        500,
        List.of("chat"),
        List.of(ToolInfo.named("search")),
        offered,
        null,
        "http://127.0.0.1:3001",
        new NodeInfo.Ips(List.of("10.0.0.5"), null),
        4,
        new NodeInfo.Resources(4, 8_000, 100_000),
        Map.of("rack", "b7"));
  }

  public static NodeView online(String id, String... models) {
    return view(info(id, models), NodeState.ONLINE, new StateCause.Heard(9_600));
  }

  public static NodeView view(NodeInfo info, NodeState state, StateCause cause) {
    return view(info, state, cause, false, null);
  }

  public static NodeView view(
      NodeInfo info,
      NodeState state,
      StateCause cause,
      boolean draining,
      NodeView.Ejection ejection) {
    return new NodeView(
        info,
        state,
        cause,
        9_000,
        8_000,
        9_600,
        draining,
        ejection,
        2,
        new NodeStats(2, 10, 1, 3, 12.345),
        SAMPLE);
  }

  /** Alive, with this wrong. */
  public static NodeView degraded(String id, Alarm... alarms) {
    return new NodeView(
        info(id, "m"),
        alarms.length == 0 ? NodeState.ONLINE : NodeState.DEGRADED,
        new StateCause.Heard(1),
        9_000,
        8_000,
        9_600,
        false,
        null,
        2,
        NodeStats.NONE,
        SAMPLE.with(SAMPLE.gpus(), List.of(alarms)));
  }

  public SomeNodes with(NodeView node) {
    nodes.removeIf(known -> known.info().id().equals(node.info().id()));
    nodes.add(node);
    return this;
  }

  public SomeNodes without(String id) {
    nodes.removeIf(known -> known.info().id().equals(id));
    return this;
  }

  public SomeNodes queued(int waiting) {
    queued = waiting;
    return this;
  }

  @Override
  public List<NodeView> nodes() {
    return List.copyOf(nodes);
  }

  @Override
  public Optional<NodeView> node(String id) {
    return nodes.stream().filter(node -> node.info().id().equals(id)).findFirst();
  }

  @Override
  public int queued() {
    return queued;
  }
}
