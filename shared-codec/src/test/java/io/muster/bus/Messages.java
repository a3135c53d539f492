package io.muster.bus;

import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerInfo;
import io.muster.container.ContainerMessage;
import io.muster.container.ContainerSpec;
import io.muster.identity.FleetKey;
import io.muster.identity.IdentityMessage;
import io.muster.identity.Order;
import io.muster.job.Frame;
import io.muster.job.FrameBatch;
import io.muster.job.Job;
import io.muster.job.JobBatch;
import io.muster.job.JobMessage;
import io.muster.job.Usage;
import io.muster.llm.LlmMessage;
import io.muster.metric.Alarm;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.node.FleetNotice;
import io.muster.node.HubMessage;
import io.muster.node.ModelInfo;
import io.muster.node.NodeAnswer;
import io.muster.node.NodeCommand;
import io.muster.node.NodeInfo;
import io.muster.node.NodeMessage;
import io.muster.node.NodeStats;
import io.muster.node.NodeType;
import io.muster.node.Probe;
import io.muster.node.ToolInfo;
import io.muster.task.TaskError;
import io.muster.task.TaskMessage;
import io.muster.task.TaskNews;
import io.muster.task.TaskReport;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage;
import io.muster.tunnel.TunnelType;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One of every message that travels, full and with as much null as it may hold. */
public final class Messages {
  private static final byte[] BYTES = new byte[70_000];

  static {
    new Random(7).nextBytes(BYTES);
  }

  private Messages() {}

  public static List<Record> all() {
    List<Record> all = new ArrayList<>();
    all.add(Ack.OK);
    List<Frame> frames =
        List.of(
            new Frame.Started(Long.MAX_VALUE),
            new Frame.Delta(2, 1, 3, BYTES),
            new Frame.Delta(2, 2, 1, new byte[0]),
            new Frame.Done(3, 0, "stop", new Usage(7, 9, false), "{\"ü\":1}".getBytes(UTF_8)),
            new Frame.Done(3, 12, null, null, null),
            new Frame.Failed(4, 5, new Fault(Failure.PROVIDER_LIMITED, "läuft", 1500, "{}")),
            new Frame.Failed(4, 0, Fault.of(Failure.INTERNAL, null)));
    frames.forEach(frame -> all.add((Record) frame));
    all.add(new FrameBatch("node-1", frames));
    all.add(new FrameBatch("node-1", List.of()));
    all.add(new JobMessage.Submit("hub", 1, 32, job("session", BYTES)));
    all.add(new JobMessage.Submit("hub", 1, 32, job(null, new byte[] {1})));
    all.add(new JobMessage.Cancel("hub", 1, null));
    all.add(new JobMessage.Credit("hub", 1, 16));
    all.add(
        new JobBatch(
            List.of(
                new JobMessage.Submit("hub", 1, 32, job("session", BYTES)),
                new JobMessage.Cancel("hub", 2, "enough"),
                new JobMessage.Credit("hub", 3, 16))));
    all.add(new NodeMessage.Register(full()));
    all.add(new NodeMessage.Register(bare()));
    Sample sample = new Sample(1, 2, .5, -1, 4, 5, 6, 7, 8, 9, 10, 11, 12, .25, 14, 15, 16, 17);
    all.add(new NodeMessage.Heartbeat("n", "i", true, NodeStats.NONE, everything()));
    all.add(
        new NodeMessage.Heartbeat("n", "i", true, new NodeStats(1, 2L << 40, 3, 4, 5.5), sample));
    all.add(new NodeMessage.Heartbeat("n", "i", false, NodeStats.NONE, null));
    all.add(new NodeMessage.Drain("n", "i", "why"));
    all.add(new NodeMessage.Unregister("n", "i", null));
    all.add(new NodeMessage.Register(full(), "proof", "token"));
    all.add(new NodeMessage.Signed("n", "i", 1L << 41, "key", "Ed25519", BYTES, new byte[64]));
    all.add(new IdentityMessage.IdentityChanged("n"));
    all.add(new HubMessage.Hello("hub", "1"));
    all.add(new HubMessage.Welcome("hub", "n", "i"));
    all.add(new HubMessage.Refused("hub", "n", "i", "reason"));
    all.add(new HubMessage.Unknown("hub", "n", "i"));
    all.add(new NodeCommand.DrainNode("reason"));
    all.add(new NodeCommand.ResumeNode());
    all.add(new NodeCommand.RestartNode("reason"));
    all.add(new NodeCommand.UnloadNode("reason"));
    all.add(new NodeCommand.PingNode());
    all.add(new NodeCommand.FetchLogs("warn", 10));
    all.add(new NodeCommand.ApplyConfig(7, Map.of("LOG_LEVEL", "debug")));
    all.add(
        new Order(
            "hub",
            "n",
            "i",
            1L << 41,
            new FleetKey("k", "Ed25519", null),
            "PingNode",
            BYTES,
            BYTES));
    all.add(new NodeAnswer.Pong("n", "i", true, new NodeStats(1, 2, 3, 4, 5.5)));
    all.add(
        new NodeAnswer.LogPage(
            List.of(new NodeAnswer.LogLine(1, "warn", "l", "t", null, "m", "e")), 3));
    all.add(new NodeAnswer.ConfigOutcome(7, "reason"));
    all.add(new FleetNotice.SteeringChanged("hub"));
    all.add(new FleetNotice.NodeForgotten("hub", "n"));
    all.add(new Probe.CallBack(List.of("a", "b"), "nonce"));
    all.add(new Probe.CallingBack());
    all.add(new Probe.Echo("nonce"));
    all.add(new LlmMessage.ModelCall("n", "i", 1L << 41, job(null, BYTES)));
    all.add(new LlmMessage.ListFleet("n"));
    all.add(new LlmMessage.FleetList(List.of(bareModel()), "bare"));
    all.add(new LlmMessage.CallTaken("hub"));
    all.add(new LlmMessage.CallOff("n", "i", 7, "why"));
    all.add(new LlmMessage.CallCredit("n", "i", 7, 3));
    all.add(new LlmMessage.CallPieces("hub", "i", List.of(new Frame.Delta(7, 1, 1, BYTES))));
    all.add(new TaskMessage.Assign("hub", "t", 3, "echo", BYTES, 60_000, 5));
    all.add(new TaskMessage.Abort("hub", "t", 3, null));
    all.add(new TaskReport.Accepted("n", "t", 3));
    all.add(new TaskReport.Progress("n", "t", 3, BYTES));
    all.add(new TaskReport.Result("n", "t", 3, BYTES, null, 12));
    all.add(
        new TaskReport.Result("n", "t", 3, null, new TaskError("code", "why", "{}", false), 12));
    all.add(
        new TaskNews(
            "hub",
            List.of(
                new TaskNews.Change("t", "echo", "queued", 1, "hub", "n", 1L << 42, null),
                new TaskNews.Change("t", "echo", "running", 1, null, null, 0, BYTES))));
    Tunnel tunnel = new Tunnel("web", TunnelType.HTTP, "127.0.0.1", 80, 0, List.of("a.example"));
    all.add(new TunnelMessage.SyncTunnels("n", "frp.example:7000", List.of(tunnel)));
    all.add(
        new TunnelMessage.TunnelPlan(
            "frp.example:7000",
            List.of(new TunnelMessage.Planned(tunnel, true)),
            List.of(new TunnelMessage.Refused("ssh", "taken"))));
    all.add(new TunnelMessage.TunnelsChanged());
    all.add(new TunnelMessage.ShowTunnels());
    all.add(
        new TunnelMessage.TunnelReport(
            "running",
            null,
            "frp.example:7000",
            List.of(
                new TunnelMessage.TunnelState(
                    tunnel, false, "running", "a.example", null, 1L << 40, 2, 3))));
    all.addAll(containers());
    return all;
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;

  private static Job job(String affinity, byte[] body) {
    return new Job("id", "request", Job.Kind.CHAT, "model", true, affinity, 5, 600_000, body);
  }

  private static Sample everything() {
    Gpu gpu =
        new Gpu(
            0,
            "GPU-1",
            "H100",
            31.5,
            1L << 37,
            5,
            .25,
            -1,
            true,
            List.of(new Gpu.Process(7, "python", 1L << 33), new Gpu.Process(8, null, -1)),
            null);
    return new Sample(
        1,
        2,
        .5,
        -1,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        .25,
        14,
        15,
        16,
        17,
        18.5,
        -1,
        List.of(new Sample.Disk("/", "ext4", 1L << 40, 7), new Sample.Disk("/d", null, 1, 1)),
        List.of(new Sample.Temperature("cpu", 41.5)),
        List.of(gpu, gpu.failed(-1, "lost")),
        List.of(
            new Alarm(Alarm.CPU, null, .97, .95, 1L << 41),
            new Alarm(Alarm.GPU_TEMPERATURE, "GPU 0", 91, 90, 1)));
  }

  private static NodeInfo full() {
    Map<String, Object> personality = new HashMap<>();
    personality.put("voice", null);
    personality.put("traits", List.of("kind", 1, Map.of("deep", true)));
    return new NodeInfo(
        "n",
        "i",
        "member",
        "name",
        "here",
        NodeType.COMPANION,
        "1",
        1_700_000_000_000L,
        List.of("chat"),
        List.of(
            new ToolInfo("tool", "does it", Map.of("type", "object", "x", List.of(1))),
            ToolInfo.named("bare")),
        List.of(new ModelInfo("m", "openai", "me", 5, 128_000), bareModel()),
        personality,
        "http://127.0.0.1:1",
        new NodeInfo.Ips(List.of("127.0.0.1"), null),
        8,
        new NodeInfo.Resources(2, 1L << 40, 1L << 41),
        Map.of("k", "v"));
  }

  private static ModelInfo bareModel() {
    return new ModelInfo("bare", null, null, 0, 0);
  }

  private static NodeInfo bare() {
    return new NodeInfo(
        "n", "i", null, null, null, null, null, 0, null, null, null, null, null, null, 0, null,
        null);
  }

  private static List<Record> containers() {
    ContainerSpec plain =
        ContainerBody.read(new JsonObject("{\"claim_id\":\"c\",\"image\":\"i\"}"));
    ContainerSpec full =
        ContainerBody.read(
            new JsonObject(
                """
                {"image":"i:1","gpu_ids":[0,3],"env_vars":["A=b","C=ü=d"],"command":["x"],
                 "entrypoint":["y"],"working_dir":"/w","user":"u","memory":"2g","cpus":0.5,
                 "shm_size":64,"pids_limit":9,"tags":["t"],"restart":"on-failure","pull":"never",
                 "port_mappings":[{"container_port":80,"host_port":0,"protocol":"udp"}],
                 "privileged":true,"network":"none","pid":"host","ipc":"host",
                 "mounts":[{"source":"/a","target":"/b","read_only":true}],"devices":["/dev/x"],
                 "cap_add":["SYS_NICE"]}
                """),
            "",
            "claim",
            new ContainerSpec.ModelServer("m", 80, "/health", List.of("a", "b"), 1_000));
    ContainerInfo info =
        new ContainerInfo(
            "n",
            full,
            "h",
            "id",
            ContainerInfo.State.EXITED,
            List.of(0, 3),
            full.ports(),
            1,
            2,
            3,
            137,
            4,
            "why",
            "healthy");
    ContainerInfo fresh =
        new ContainerInfo(
            "n",
            plain,
            "h",
            null,
            ContainerInfo.State.PENDING,
            List.of(),
            List.of(),
            1,
            0,
            0,
            null,
            0,
            null,
            null);
    return List.of(
        new ContainerMessage.CreateContainer(plain),
        new ContainerMessage.CreateContainer(full),
        new ContainerMessage.ListContainers(),
        new ContainerMessage.InspectContainer("c"),
        new ContainerMessage.MeasureContainer("c"),
        new ContainerMessage.StopContainer("c", 1),
        new ContainerMessage.RestartContainer("c", 1),
        new ContainerMessage.RemoveContainer("c", 1),
        new ContainerMessage.FollowContainer("c", -1, true),
        new ContainerMessage.ReadFollow("s", 1, 2),
        new ContainerMessage.EndFollow("s"),
        new ContainerMessage.AskOffer(null),
        new ContainerMessage.AskOffer("c"),
        new ContainerAnswer.Claimed(info, true),
        new ContainerAnswer.Containers("n", List.of(info, fresh)),
        new ContainerAnswer.Details(fresh, BYTES),
        new ContainerAnswer.Following("s"),
        new ContainerAnswer.Piece(List.of(new ContainerAnswer.Told("log", "{}")), true),
        new ContainerAnswer.Offer("n", "down", List.of(1), 2, 3, 4, info),
        new ContainerAnswer.Offer("n", null, List.of(), 0, 0, 0, null));
  }
}
