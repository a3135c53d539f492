package io.muster.runtime.settings;

/** The settings of the REST API that a worker has for its own machine. */
public final class NodeApiSettings {
  static final Group GROUP = Group.ofWorker("The node's own API");

  public static final Setting<Boolean> NODE_API =
      GROUP.flag("NODE_API", true, "Whether the worker serves its REST API.");
  public static final Setting<ListenAddress> NODE_API_LISTEN =
      GROUP.listen(
          "NODE_API_LISTEN",
          new ListenAddress("127.0.0.1", 9200),
          "Where. While it is not set and the port is taken, a free port is used; set and taken, the"
              + " worker does not start.",
          "agent_api.listen_address");
  public static final Setting<String> NODE_API_TOKEN =
      GROUP.secret(
          "NODE_API_TOKEN",
          "What its callers present as `Authorization: Bearer`; made at the first start and kept as"
              + " `DATA_DIR/api-token` when not given.",
          "PHOENIX_AUTH_TOKEN",
          "agent_api.auth_token");
  public static final Setting<Integer> NODE_API_MAX_BODY_BYTES =
      GROUP.number(
          "NODE_API_MAX_BODY_BYTES",
          1_024,
          64 << 20,
          1 << 20,
          "The biggest request body; beyond: 413.");

  private NodeApiSettings() {}
}
