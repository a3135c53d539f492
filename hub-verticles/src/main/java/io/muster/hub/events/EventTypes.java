package io.muster.hub.events;

import static io.muster.hub.events.EventType.kept;
import static io.muster.hub.events.EventType.passing;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The list of all events that there are, with the data that each carries. */
public final class EventTypes {
  public static final String NODE_REGISTERED = "node_registered";
  public static final String NODE_UNREGISTERED = "node_unregistered";
  public static final String NODE_STATUS_CHANGED = "node_status_changed";
  public static final String NODE_DEGRADED = "node_degraded";
  public static final String NODE_RECOVERED = "node_recovered";
  public static final String EVENTS_LOST = "events_lost";
  public static final String WEBHOOK_CREATED = "webhook_created";
  public static final String WEBHOOK_DELETED = "webhook_deleted";
  public static final String WEBHOOK_ENABLED = "webhook_enabled";
  public static final String WEBHOOK_DISABLED = "webhook_disabled";

  private static final String TASK = "taskId";
  private static final String TOOL = "toolName";
  private static final String NODE = "nodeId";
  private static final String CLAIM = "claimId";
  private static final String REQUEST = "requestId";
  private static final String TIME = "timestamp";

  private static final List<EventType> ALL =
      List.of(
          kept(NODE_REGISTERED, "A node joined, or its process is a new one.", "node", TIME),
          kept(NODE_UNREGISTERED, "A node left, or was removed.", NODE, TIME),
          kept(
              NODE_STATUS_CHANGED,
              "A node is online, busy, degraded, unknown or offline now.",
              NODE,
              "oldStatus",
              "newStatus",
              TIME,
              "reason"),
          kept(
              NODE_DEGRADED,
              "A node's machine is beyond a limit, and it may be more than before.",
              NODE,
              "alarms",
              TIME,
              "reason"),
          kept(NODE_RECOVERED, "It is within all of them again.", NODE, TIME),
          kept("gpu_failed", "A GPU cannot be used.", NODE, "gpu", "uuid", "name", "reason"),
          kept("gpu_recovered", "It can be used again.", NODE, "gpu", "uuid", "name"),
          kept("node_drained", "A node takes no new work.", NODE, "by?", "timestamp?", "reason?"),
          kept("node_resumed", "A node takes work again.", NODE, "by?", "timestamp?", "reason?"),
          kept("node_revoked", "A node's key is not accepted any more.", NODE, "by?"),
          kept("node_readmitted", "A node that was revoked may come again.", NODE, "by?"),
          kept("node_rekey_allowed", "A node may show another key, once.", NODE, "by?"),
          kept("task_created", "A task was accepted.", TASK, TOOL, "nodeId?"),
          kept("task_assigned", "A task went to a node.", TASK, NODE, TOOL, "attempt?"),
          kept("task_started", "A node works on a task.", TASK, NODE, TOOL, "attempt?"),
          kept("task_completed", "A task has its result.", TASK, NODE, TOOL),
          kept("task_failed", "A task, or one attempt at it, failed.", TASK, "nodeId?", TOOL),
          kept("task_cancelled", "A task was cancelled.", TASK, "nodeId?", TOOL),
          kept("task_dead_lettered", "A task is given up.", TASK, "nodeId?", TOOL),
          kept("scale_out_wanted", "Tasks wait for nodes and get no fewer.", "queued", "nodes"),
          kept("scale_in_possible", "Nodes have nothing to do.", "idle", "nodes"),
          kept(
              "tool_called",
              "A chat has called a tool.",
              REQUEST,
              TOOL,
              "nodeId?",
              "taskId?",
              "ok",
              "round",
              "ms"),
          kept("llm_proxy_started", "A node asks a model.", REQUEST, NODE, "model?", "stream?"),
          kept("llm_proxy_completed", "It has its answer.", REQUEST, NODE, "usage?", "durationMs?"),
          kept("llm_proxy_failed", "It has none.", REQUEST, NODE, "error?", "durationMs?"),
          kept("llm_proxy_rate_limited", "A quota refused it.", REQUEST, NODE, "limit?"),
          passing(
              "llm_proxy_stream_chunk",
              "Pieces of an answer.",
              REQUEST,
              NODE,
              "chunks?",
              "characters?"),
          kept("llm_proxy_stream_completed", "A stream's end.", REQUEST, NODE, "usage?"),
          kept(
              "rate_limited",
              "A quota refused a client of the HTTP interface.",
              "key",
              REQUEST,
              "what",
              "limit",
              "used",
              "retryAfterMs"),
          kept("quota_changed", "Limits are others now.", "by?"),
          kept(
              "config_changed",
              "A new version of the nodes' configuration.",
              "version",
              "target?",
              "by?"),
          kept("config_acknowledged", "A node took it up.", NODE, "version"),
          kept("config_rejected", "A node refused it.", NODE, "version", "reason"),
          kept(
              "admin_action",
              "An administrator did something.",
              "user",
              "action",
              "target",
              "outcome",
              "requestId",
              TIME),
          kept(
              "tunnel_client_changed",
              "frpc of a node does something else now.",
              NODE,
              "status",
              "reason?"),
          kept(
              "tunnel_status_changed",
              "A tunnel of a node is open, or not.",
              NODE,
              "tunnel",
              "status",
              "remotePort?",
              "reason?"),
          kept("tunnel_created", "A tunnel was ordered.", NODE, "tunnel", "remotePort?", "by?"),
          kept("tunnel_deleted", "A tunnel is to be no more.", NODE, "tunnel", "by?"),
          passing(
              "tunnel_traffic",
              "Bytes went through a tunnel.",
              NODE,
              "tunnel",
              "bytesIn",
              "bytesOut",
              "connections"),
          kept(
              "container_created",
              "A node made a container.",
              NODE,
              CLAIM,
              "containerId?",
              "image",
              "gpuIds"),
          kept("container_started", "It runs.", NODE, CLAIM, "containerId?", "restarts"),
          kept(
              "container_died",
              "It ended by itself, or was cut off.",
              NODE,
              CLAIM,
              "containerId?",
              "exitCode",
              "oomKilled"),
          kept("container_stopped", "Somebody stopped it.", NODE, CLAIM, "containerId?"),
          kept(
              "container_failed",
              "It cannot be made or started.",
              NODE,
              CLAIM,
              "containerId?",
              "reason"),
          kept(
              "container_removed",
              "It is gone, and its claim.",
              NODE,
              CLAIM,
              "containerId?",
              "outside"),
          kept("container_engine_down", "A node's engine does not answer.", NODE, "reason"),
          kept("container_engine_up", "It answers.", NODE, "version"),
          kept("model_server_created", "Somebody deployed a model server.", "name", "by"),
          kept("model_server_placed", "It went to a node.", "name", NODE, CLAIM),
          kept(
              "model_server_moved",
              "It went from one node to another.",
              "name",
              NODE,
              CLAIM,
              "from"),
          kept("model_server_waiting", "No node takes it now.", "name", "reason"),
          kept(
              "model_server_healthy",
              "Its models are served.",
              NODE,
              CLAIM,
              "containerId?",
              "name"),
          kept(
              "model_server_unhealthy",
              "It does not answer, and is started again.",
              NODE,
              CLAIM,
              "containerId?",
              "name",
              "reason"),
          kept("model_server_removed", "Somebody took it away.", "name", "by"),
          kept("hub_started", "A hub is ready.", "hubId", "version"),
          kept(WEBHOOK_CREATED, "There is a new webhook.", "webhookId", "by?"),
          kept(WEBHOOK_DELETED, "A webhook is gone.", "webhookId", "by?"),
          kept(WEBHOOK_ENABLED, "A webhook is on again.", "webhookId", "by?"),
          kept(WEBHOOK_DISABLED, "It failed for too long.", "webhookId", "reason"),
          passing(
              EVENTS_LOST,
              "To one subscriber: some of what happened before will not come.",
              "reason",
              "lastEventId?",
              "count?",
              TIME));

  private static final Map<String, EventType> BY_NAME =
      ALL.stream().collect(Collectors.toMap(EventType::name, Function.identity()));

  private EventTypes() {}

  public static List<EventType> all() {
    return ALL;
  }

  static boolean isKnown(String name) {
    return BY_NAME.containsKey(name);
  }

  /** Whether it is not kept; what is not in the list is. */
  public static boolean isPassing(String name) {
    EventType type = BY_NAME.get(name);
    return type != null && type.passing();
  }
}
