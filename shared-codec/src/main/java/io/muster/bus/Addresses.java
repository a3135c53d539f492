package io.muster.bus;

/**
 * The one list of addresses on the event bus: who serves each, and what travels on it. Nothing else
 * in the code spells an address.
 */
public final class Addresses {
  /**
   * Published by nodes, and by hubs for the nodes at their sockets, heard by every hub: {@link
   * io.muster.node.NodeMessage} (register, heartbeat, drain, unregister), all of it signed. No
   * reply.
   */
  public static final String HUBS = "muster.hubs";

  /**
   * Published by hubs, heard by every node: {@link io.muster.node.HubMessage} (hello, welcome,
   * refused). No reply.
   */
  public static final String NODES = "muster.nodes";

  /**
   * Published by hubs and nodes, heard by whoever passes events on: {@link
   * io.muster.event.ClusterEvent}. No reply.
   */
  public static final String EVENTS = "muster.events";

  /**
   * Published by hubs, heard by every hub: {@link io.muster.identity.IdentityMessage} (changed). No
   * reply.
   */
  public static final String IDENTITIES = "muster.identities";

  /**
   * Published by hubs, heard by every hub: {@link io.muster.quota.QuotaMessage} (changed). No
   * reply.
   */
  public static final String QUOTAS = "muster.quotas";

  /**
   * The events once more, as JSON, within one hub's process only, for the SockJS bridge: {@code
   * {id, type, source, timestamp, data}}. No reply.
   */
  public static final String EVENTS_JSON = "muster.events.json";

  /** Published by hubs, heard by every hub: {@link io.muster.node.FleetNotice}. No reply. */
  public static final String FLEET = "muster.fleet";

  /**
   * Served by every hub, each asked in turn: {@link io.muster.task.TaskReport} → {@link Ack}, once
   * it is committed.
   */
  public static final String TASKS = "muster.tasks";

  /**
   * Served by every hub, each asked in turn: {@link io.muster.llm.LlmMessage.ModelCall} → {@link
   * io.muster.llm.LlmMessage.CallTaken}.
   */
  public static final String LLM = "muster.llm";

  /** Published by hubs, heard by every hub: {@link io.muster.task.TaskNews}. No reply. */
  public static final String TASK_NEWS = "muster.tasks.news";

  /**
   * Served by every hub, each asked in turn: {@link io.muster.tunnel.TunnelMessage.SyncTunnels} →
   * {@link Ack}, once the node has taken its plan.
   */
  public static final String TUNNELS = "muster.tunnels";

  private Addresses() {}

  /**
   * Served by the node with this id: {@link io.muster.job.JobMessage} (submit, cancel, credit) or
   * several in a {@link io.muster.job.JobBatch}, no reply; what becomes of the job arrives at
   * {@link #frames}. {@link io.muster.task.TaskMessage} (assign, abort), no reply; what becomes of
   * the task is asked at {@link #TASKS}. {@link io.muster.llm.LlmMessage.CallPieces} of the models
   * that the node calls, no reply. {@link io.muster.identity.Order} of what hubs alone may have it
   * do: {@link io.muster.node.NodeCommand} → {@link Ack} or {@link io.muster.node.NodeAnswer},
   * {@link io.muster.tunnel.TunnelMessage} (plan, changed, show), {@link
   * io.muster.container.ContainerMessage} → {@link io.muster.container.ContainerAnswer}; without
   * one, of the last family, what is said of a stream that was begun (read, end).
   */
  public static String node(String nodeId) {
    return "muster.node." + nodeId;
  }

  /**
   * Served by every member of the cluster: {@link io.muster.node.Probe.CallBack} → {@link
   * io.muster.node.Probe.CallingBack}.
   */
  public static String probe(String memberId) {
    return "muster.probe." + memberId;
  }

  /**
   * Served by the hub with this id: {@link io.muster.job.FrameBatch}, no reply. One address a hub
   * for all its jobs: a clustered consumer a job costs a registration through Hazelcast each. And
   * of the models that nodes call, {@link io.muster.llm.LlmMessage} (cancel, credit), no reply.
   */
  public static String frames(String hubId) {
    return "muster.frames." + hubId;
  }
}
