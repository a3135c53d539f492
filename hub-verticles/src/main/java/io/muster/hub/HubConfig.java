package io.muster.hub;

import io.muster.hub.auth.Administrators;
import io.muster.hub.chat.ChatOptions;
import io.muster.hub.dispatch.Dispatcher;
import io.muster.hub.gateway.GatewayOptions;
import io.muster.hub.http.Admission;
import io.muster.hub.http.HttpOptions;
import io.muster.hub.identity.IdentityPolicy;
import io.muster.hub.identity.Lockouts;
import io.muster.hub.llm.LlmProxy;
import io.muster.hub.node.NodeGate;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.quota.Limits;
import io.muster.hub.quota.QuotaGate;
import io.muster.hub.quota.Quotas;
import io.muster.hub.relay.Relay;
import io.muster.hub.storage.DatabaseOptions;
import io.muster.hub.task.TaskOptions;
import io.muster.hub.tool.ToolOptions;
import io.muster.relay.RelayPeer;
import io.muster.runtime.ops.Access;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.AdminSettings;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.GatewaySettings;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.QuotaSettings;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.SocketSettings;
import io.muster.runtime.settings.TaskSettings;
import io.muster.runtime.settings.ToolSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the settings mean to the parts of a hub. */
final class HubConfig {
  /**
   * A node that has not acknowledged a job after so many milliseconds does not have it: workers do
   * so within a tenth of a second.
   */
  private static final long ACK_TIMEOUT_MS = 2_000;

  private static final int DATABASE_START_TIMEOUT_MS = 30_000;

  private final Settings settings;

  HubConfig(Settings settings) {
    this.settings = settings;
  }

  /**
   * The embedded database would make it; with PostgreSQL nobody else does. Blocks.
   *
   * @throws StartRefused when it cannot be made
   */
  static void makeDataFolder(Settings settings) {
    Path folder = settings.folder(Catalogue.DATA_DIR);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new StartRefused("DATA_DIR: " + folder + " cannot be made: " + e, e);
    }
  }

  NodeRegistry.Options registry() {
    return new NodeRegistry.Options(
        settings.get(Catalogue.HEARTBEAT_INTERVAL_MS),
        settings.get(Catalogue.HEARTBEAT_TIMEOUT_MS),
        settings.get(Catalogue.EJECT_AFTER_FAILURES),
        settings.get(Catalogue.EJECT_BASE_MS),
        settings.get(Catalogue.EJECT_MAX_MS));
  }

  NodeGate.Options gate(String hubId) {
    return new NodeGate.Options(
        hubId,
        settings.find(Catalogue.ROOT_NODE_SECRET).orElse(null),
        settings.get(IdentitySettings.CLOCK_SKEW_MS));
  }

  IdentityPolicy identity() {
    return new IdentityPolicy(settings.get(IdentitySettings.ALLOW_VCP_NODES));
  }

  GatewayOptions gateway(String hubId, String memberId, String version) {
    String secret = settings.find(Catalogue.ROOT_NODE_SECRET).orElse(null);
    return new GatewayOptions(
        hubId,
        memberId,
        version,
        settings.find(IdentitySettings.VCP_KEY).orElse(secret),
        secret,
        settings.get(GatewaySettings.NODE_HEARTBEAT_INTERVAL_MS),
        settings.get(GatewaySettings.NODE_HEARTBEAT_TIMEOUT_MS),
        settings.get(Catalogue.HEARTBEAT_INTERVAL_MS),
        settings.get(GatewaySettings.NODE_AUTH_TIMEOUT_MS),
        settings.get(GatewaySettings.NODE_MAX_CONNECTIONS),
        settings.get(GatewaySettings.NODE_MAX_CONNECTIONS_PER_ADDRESS),
        settings.get(GatewaySettings.NODE_MAX_UNPROVED),
        settings.get(GatewaySettings.NODE_MAX_FRAME_BYTES),
        settings.get(GatewaySettings.NODE_MAX_FAULTS_PER_MINUTE),
        settings.get(GatewaySettings.NODE_PING_INTERVAL_MS),
        settings.get(GatewaySettings.NODE_IDLE_TIMEOUT_MS),
        settings.get(GatewaySettings.NODE_SEND_BUFFER_BYTES),
        settings.get(Catalogue.MAX_JSON_DEPTH));
  }

  Relay.Options relay(String hubId) {
    return new Relay.Options(
        hubId,
        new RelayPeer.Limits(
            RelayPeer.USUAL_FRAME_BYTES,
            settings.get(SocketSettings.RELAY_MESSAGE_BYTES),
            settings.get(SocketSettings.RELAY_QUEUE_BYTES),
            settings.get(SocketSettings.RELAY_MAX_QUESTIONS)),
        settings.get(Catalogue.HEARTBEAT_TIMEOUT_MS),
        settings.get(SocketSettings.RELAY_MAX_ABUSE));
  }

  Lockouts lockouts() {
    return new Lockouts(
        settings.get(IdentitySettings.LOCKOUT_FAILURES),
        settings.get(IdentitySettings.LOCKOUT_MS),
        System::nanoTime);
  }

  Dispatcher.Options dispatcher() {
    return new Dispatcher.Options(
        ACK_TIMEOUT_MS,
        settings.get(Catalogue.WORKER_TIMEOUT_MS),
        settings.get(Catalogue.QUEUE_SIZE),
        settings.get(Catalogue.QUEUE_TIMEOUT_MS),
        settings.get(Catalogue.JOB_MAX_TRIES),
        settings.get(Catalogue.RETRY_BUDGET_PERCENT),
        settings.get(Catalogue.RETRY_BUDGET_MIN_PER_SECOND),
        settings.get(Catalogue.STREAM_BUFFER_BYTES),
        settings.get(Catalogue.STREAM_CREDIT_FRAMES));
  }

  HttpOptions http() {
    return HttpOptions.of(
        settings,
        settings.get(Catalogue.ROOT_NODE_HOST),
        settings.get(Catalogue.ROOT_NODE_PORT),
        settings.get(Catalogue.API_KEYS),
        settings.get(Catalogue.JOB_TIMEOUT_MS));
  }

  Quotas.Options quotas() {
    return new Quotas.Options(
        new Limits(
            settings.get(QuotaSettings.NODE_MAX_REQUESTS_PER_MINUTE),
            settings.get(QuotaSettings.NODE_MAX_TOKENS_PER_DAY),
            settings.get(QuotaSettings.NODE_MAX_CONCURRENT_STREAMS),
            settings.get(QuotaSettings.NODE_BURST_MULTIPLIER)),
        new Limits(
            settings.get(QuotaSettings.KEY_MAX_REQUESTS_PER_MINUTE),
            settings.get(QuotaSettings.KEY_MAX_TOKENS_PER_DAY),
            settings.get(QuotaSettings.KEY_MAX_CONCURRENT_STREAMS),
            settings.get(QuotaSettings.KEY_BURST_MULTIPLIER)),
        settings.get(QuotaSettings.QUOTA_ANSWER_TOKENS),
        settings.get(QuotaSettings.QUOTA_LEASE_MS));
  }

  Admission admission(QuotaGate quotas) {
    return new Admission(
        settings.get(Catalogue.API_KEYS),
        settings.get(Catalogue.MAX_IN_FLIGHT),
        settings.get(Catalogue.MAX_STREAMS),
        quotas);
  }

  LlmProxy.Options llm() {
    return new LlmProxy.Options(
        settings.get(QuotaSettings.LLM_MAX_REQUESTS_PER_NODE),
        settings.get(QuotaSettings.LLM_KEEP_ALIVE_MS),
        settings.get(QuotaSettings.LLM_CHUNK_EVENT_INTERVAL_MS),
        settings.get(Catalogue.JOB_TIMEOUT_MS));
  }

  ChatOptions chat() {
    return ChatOptions.of(
        settings.get(Catalogue.SESSION_IDLE_MINUTES),
        settings.get(Catalogue.SESSION_CONTEXT_TOKENS),
        settings.get(Catalogue.SESSION_MAX_TURNS),
        settings.find(Catalogue.SESSION_SYSTEM_PROMPT).orElse(null),
        settings.get(Catalogue.JOB_TIMEOUT_MS));
  }

  TaskOptions tasks() {
    return new TaskOptions(
        settings.get(TaskSettings.TASK_QUEUE_SIZE),
        settings.get(TaskSettings.TASK_TIMEOUT_MS),
        settings.get(TaskSettings.TASK_RETRIES),
        settings.get(TaskSettings.TASK_MAX_LOSSES),
        settings.get(TaskSettings.TASK_BACKOFF_MS),
        settings.get(TaskSettings.TASK_BACKOFF_MAX_MS),
        settings.get(TaskSettings.TASK_AGE_STEP_MS),
        settings.get(TaskSettings.TASK_LEASE_MS),
        settings.get(TaskSettings.TASK_NODE_GRACE_MS),
        settings.get(TaskSettings.TASK_MAX_ARGS_BYTES),
        settings.get(TaskSettings.TASK_KEEP_MINUTES) * 60_000L,
        settings.get(TaskSettings.TASK_SCALE_OUT_QUEUE));
  }

  ToolOptions toolChats() {
    return new ToolOptions(
        settings.get(ToolSettings.TOOL_MAX_ROUNDS),
        settings.get(ToolSettings.TOOL_MAX_CALLS),
        settings.get(ToolSettings.TOOL_CHAT_TIMEOUT_MS),
        settings.get(ToolSettings.TOOL_CALL_TIMEOUT_MS),
        settings.get(ToolSettings.TOOL_RESULT_MAX_CHARS));
  }

  DatabaseOptions database() {
    return new DatabaseOptions(
        settings.folder(Catalogue.DATA_DIR),
        settings.find(Catalogue.DATABASE_URL).orElse(null),
        settings.get(Catalogue.DATABASE_POOL_SIZE),
        settings.get(Catalogue.DATABASE_TIMEOUT_MS),
        DATABASE_START_TIMEOUT_MS);
  }

  Administrators.Options administrators() {
    return new Administrators.Options(
        settings.find(AdminSettings.ADMIN_PASSWORD),
        settings.find(AdminSettings.JWT_SECRET),
        settings.get(AdminSettings.JWT_EXPIRY_MS),
        settings.get(AdminSettings.JWT_REFRESH_EXPIRY_MS),
        settings.get(AdminSettings.ADMIN_LOGIN_FAILURES),
        settings.get(AdminSettings.ADMIN_LOCKOUT_MS),
        settings.get(AdminSettings.ADMIN_AUDIT_DAYS),
        settings.folder(Catalogue.DATA_DIR));
  }

  /** Who may see the fleet and the settings: whoever may use it. */
  Access api() {
    List<String> keys = settings.get(Catalogue.API_KEYS);
    return keys.isEmpty() ? Access.open() : Access.tokens(keys);
  }

  /** Who may read the metrics. */
  Access readers() {
    List<String> tokens = new ArrayList<>(settings.get(Catalogue.API_KEYS));
    if (tokens.isEmpty() || settings.get(Catalogue.METRICS_PUBLIC)) {
      return Access.open();
    }
    settings.find(Catalogue.METRICS_TOKEN).ifPresent(tokens::add);
    return Access.loopbackOrTokens(tokens);
  }
}
