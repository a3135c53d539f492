package io.muster.hub.gateway;

import static io.muster.hub.gateway.TestGateway.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Inbox;
import io.muster.hub.http.ApiErrors;
import io.muster.node.HubMessage;
import io.muster.node.NodeInfo;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The protocol of the nodes' socket, by the JDK's WebSocket client. */
class NodeSocketIT {
  private static final String PATH = "/abp-distributed-server/VCP_Key=";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/abp-distributed-server/VCP_Key=any",
        "/distributed-server/VCP_Key=any",
        "/vcp-distributed-server/VCP_Key=any",
        "/api/nodes/socket"
      })
  void aNodeRegistersLivesAndLeaves(String path) throws Exception {
    try (TestGateway hub = TestGateway.start();
        JdkNode node = JdkNode.connect(hub.uri(path))) {
      assertThat(node.ack.getBoolean("authenticated")).isTrue();
      assertThat(node.ack.getLong("heartbeatIntervalMs")).isEqualTo(30_000);
      JsonObject registered = node.register(worker("w1"));
      assertThat(registered.getString("nodeId")).isEqualTo("w1");
      assertThat(registered.getBoolean("success")).isTrue();
      assertThat(registered.getJsonObject("hubInfo").getString("version")).isEqualTo("1.2.3");
      assertThat(registered.getJsonObject("hubInfo").getBoolean("llmAvailable")).isFalse();
      await().until(() -> hub.state("w1").equals("online"));
      NodeInfo info = hub.node("w1").info();
      assertThat(info.capabilities()).containsExactly("file_management");
      assertThat(info.maxConcurrent()).isEqualTo(3);
      assertThat(info.memberId()).isEqualTo("member");
      assertThat(info.models()).isEmpty();

      node.send(
          "heartbeat",
          new JsonObject()
              .put("nodeId", "w1")
              .put("status", "busy")
              .put("stats", new JsonObject().put("activeTasks", 1).put("completedTasks", 7)));
      JsonObject ack = node.expect("heartbeat_ack");
      assertThat(ack.getString("nodeId")).isEqualTo("w1");
      assertThat(ack.getLong("timestamp")).isPositive();
      await().until(() -> hub.state("w1").equals("busy"));
      assertThat(hub.node("w1").stats().completed()).isEqualTo(7);

      node.send("register_tools", new JsonObject().put("tools", new JsonArray().add("ls")));
      await().until(() -> hub.node("w1").info().toolNames().equals(List.of("ls")));

      node.send("node_unregister", new JsonObject().put("nodeId", "w1").put("reason", "done"));
      assertThat(node.expect("node_unregistered").getBoolean("success")).isTrue();
      assertThat(node.closeCode()).isEqualTo(1000);
      await().until(() -> hub.state("w1").equals("offline"));
      await().until(() -> hub.onLoop(() -> hub.gateway.connections()) == 0);
      await().until(() -> hub.onLoop(() -> hub.http.openConnections()) == 0);
    }
  }

  @Test
  void aNodeWithoutAnIdIsGivenOne() {
    try (TestGateway hub = TestGateway.start();
        JdkNode node = JdkNode.connect(hub.uri(PATH))) {
      Map<String, Object> data = new HashMap<>(worker("x"));
      data.remove("nodeId");
      String id = node.register(data).getString("nodeId");
      assertThat(id).startsWith("worker-");
      await().until(() -> hub.state(id).equals("online"));
    }
  }

  @Test
  void aWrongFrameIsNamedAndTheConnectionLivesOn() {
    try (TestGateway hub = TestGateway.start();
        JdkNode node = JdkNode.connect(hub.uri(PATH))) {
      fault(node.text("{"), "invalid_json", null);
      fault(node.text("[1]"), "not_an_object", null);
      fault(node.text("7"), "not_an_object", null);
      fault(node.text("{} {}"), "invalid_json", null);
      fault(node.text("{\"type\":\"heartbeat\",\"type\":\"x\"}"), "invalid_json", null);
      fault(node.text("{\"data\":{}}"), "missing_type", null);
      fault(node.text("{\"type\":\"heartbeat\",\"data\":3}"), "invalid_data", null);
      fault(node.text("{\"type\":\"a\",\"data\":" + "[".repeat(50)), "invalid_json", null);
      fault(node.text("{\"type\":\"dance\"}"), "unknown_type", "dance");
      fault(node.text("{\"type\":\"heartbeat\"}"), "not_registered", "heartbeat");
      fault(node.text("{\"a\":\"" + "x".repeat(9000) + "\"}"), "frame_too_large", null);
      fault(node.text("{\"type\":\"node_register\"}"), "invalid_request", "node_register");
      fault(
          node.send(
              "node_register",
              new JsonObject().put("name", "n").put("type", "robot").put("capabilities", "x")),
          "invalid_field",
          "node_register");
      fault(
          node.send("node_register", new JsonObject(worker("hub-1"))),
          "invalid_field",
          "node_register");
      node.socket.sendBinary(ByteBuffer.wrap(new byte[] {1}), true).join();
      fault(node, "unexpected_binary", null);
      assertThat(node.register(worker("w1")).getBoolean("success")).isTrue();
      fault(
          node.send("heartbeat", new JsonObject().put("nodeId", "w2")), "wrong_node", "heartbeat");
      node.socket.sendText("{\"type\":\"heart", false).join();
      node.socket.sendText("beat\",\"data\":{}}", true).join();
      node.expect("heartbeat_ack");
    }
  }

  @Test
  void whoGoesOnWithWrongFramesIsCutOff() throws Exception {
    TestGateway.Options options = new TestGateway.Options();
    options.maxFaults = 3;
    try (TestGateway hub = new TestGateway(options);
        JdkNode node = JdkNode.connect(hub.uri(PATH))) {
      for (int i = 0; i < 4; i++) {
        node.text("nonsense");
      }
      assertThat(node.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  void whoDoesNotProveItselfInTimeIsCutOff() throws Exception {
    TestGateway.Options options = new TestGateway.Options();
    options.secret = "quite-a-secret";
    options.authTimeoutMs = 200;
    try (TestGateway hub = new TestGateway(options);
        JdkNode node = JdkNode.connect(hub.uri("/api/nodes/socket"))) {
      assertThat(node.ack.getBoolean("authenticated")).isFalse();
      assertThat(node.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  void aNewConnectionTakesTheOldOnesPlace() throws Exception {
    try (TestGateway hub = TestGateway.start();
        JdkNode old = JdkNode.connect(hub.uri(PATH));
        JdkNode fresh = JdkNode.connect(hub.uri(PATH))) {
      old.register(worker("w1"));
      await().until(() -> hub.state("w1").equals("online"));
      assertThat(fresh.register(worker("w1")).getBoolean("success")).isTrue();
      assertThat(old.closeCode()).isEqualTo(4001);
      await().until(() -> hub.state("w1").equals("online"));
      fresh.send("heartbeat", new JsonObject()).expect("heartbeat_ack");
      assertThat(hub.onLoop(() -> hub.gateway.size())).isEqualTo(1);
      assertThat(hub.told).noneMatch(message -> message instanceof HubMessage.Refused);
    }
  }

  @Test
  void aNodeWhoseConnectionBreaksIsOfflineUntilItIsBack() {
    try (TestGateway hub = TestGateway.start()) {
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        node.register(worker("w1"));
        await().until(() -> hub.state("w1").equals("online"));
      }
      await().until(() -> hub.state("w1").equals("offline"));
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        node.register(worker("w1"));
        await().until(() -> hub.state("w1").equals("online"));
      }
    }
  }

  @Test
  void aSilentNodeIsOfflineUntilItsNextHeartbeat() {
    TestGateway.Options options = new TestGateway.Options();
    options.heartbeatTimeoutMs = 300;
    try (TestGateway hub = new TestGateway(options);
        JdkNode node = JdkNode.connect(hub.uri(PATH))) {
      node.register(worker("w1"));
      await().until(() -> hub.state("w1").equals("online"));
      await().until(() -> hub.state("w1").equals("offline"));
      node.send("heartbeat", new JsonObject()).expect("heartbeat_ack");
      await().pollInterval(Duration.ofMillis(10)).until(() -> hub.state("w1").equals("online"));
    }
  }

  @Test
  void oneAddressHasOnlySoManyConnections() throws Exception {
    TestGateway.Options options = new TestGateway.Options();
    options.maxPerAddress = 2;
    try (TestGateway hub = new TestGateway(options);
        JdkNode first = JdkNode.connect(hub.uri(PATH));
        JdkNode second = JdkNode.connect(hub.uri(PATH))) {
      assertThatThrownBy(() -> new JdkNode(hub.uri(PATH)))
          .isInstanceOf(CompletionException.class)
          .hasStackTraceContaining("429");
      first.close();
      await().until(() -> hub.onLoop(() -> hub.gateway.connections()) == 1);
      JdkNode.connect(hub.uri(PATH)).close();
      assertThat(second.closed).isNotDone();
    }
  }

  @Test
  void aSilentConnectionIsClosedAndAPingedOneLives() throws Exception {
    TestGateway.Options options = new TestGateway.Options();
    options.idleTimeoutMs = 1500;
    options.pingIntervalMs = 100;
    try (TestGateway hub = new TestGateway(options);
        JdkNode living = JdkNode.connect(hub.uri(PATH));
        Socket dead = raw(hub)) {
      living.register(worker("w1"));
      InputStream in = dead.getInputStream();
      int last = 0;
      for (int read = in.read(); read >= 0; read = in.read()) {
        last = read;
      }
      assertThat(last).as("it was closed").isNotNegative();
      assertThat(living.closed).isNotDone();
      living.send("heartbeat", new JsonObject()).expect("heartbeat_ack");
    }
  }

  @Test
  void whoTakesNothingOfWhatItIsSentIsCutOff() throws Exception {
    List<NodeSession> sessions = new CopyOnWriteArrayList<>();
    TestGateway.Options options = new TestGateway.Options();
    options.json.add(new Echo(sessions));
    try (TestGateway hub = new TestGateway(options);
        Socket node = raw(hub)) {
      node.getOutputStream()
          .write(
              masked(
                  new JsonObject()
                      .put("type", "node_register")
                      .put("data", new JsonObject(worker("w1")))
                      .encode()));
      await().until(() -> !sessions.isEmpty());
      String much = "x".repeat(100_000);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(
              () ->
                  hub.onLoop(
                      () -> {
                        for (int i = 0; i < 100; i++) {
                          if (!sessions.get(0).send("much", new JsonObject().put("x", much))) {
                            return true;
                          }
                        }
                        return false;
                      }));
      await().until(() -> hub.onLoop(() -> hub.gateway.connections()) == 0);
      await().until(() -> hub.state("w1").equals("offline"));
    }
  }

  @Test
  void featuresTakeFramesAndMessages() {
    List<NodeSession> sessions = new CopyOnWriteArrayList<>();
    TestGateway.Options options = new TestGateway.Options();
    options.json.add(new Echo(sessions));
    try (TestGateway hub = new TestGateway(options);
        JdkNode node = JdkNode.connect(hub.uri(PATH))) {
      node.register(worker("w1"));
      await().until(() -> hub.state("w1").equals("online"));
      node.send("echo", new JsonObject().put("text", "hello"));
      assertThat(node.expect("echoed").getString("text")).isEqualTo("hello");
      fault(node.send("echo", new JsonObject()), "no_text", "echo");
      fault(node.send("echo", new JsonObject().put("boom", 3)), "internal_error", "echo");
      Ack ack =
          TestGateway.get(
              hub.bus.<Ack>ask(
                  Addresses.node("w1"), new HubMessage.Hello("h", "1"), Duration.ofSeconds(5)));
      assertThat(ack).isEqualTo(Ack.OK);
      node.expect("hello");
      assertThat(sessions).hasSize(1);
    }
  }

  @Test
  void binaryFramesAreForMustersOwnWorkers() {
    List<String> said = new CopyOnWriteArrayList<>();
    TestGateway.Options options = new TestGateway.Options();
    options.relay =
        (session, send) -> {
          said.add("open " + session.nodeId() + " " + session.info().instance());
          return new BinaryPeer() {
            @Override
            public void receive(Buffer message) {
              send.accept(Buffer.buffer("re: ").appendBuffer(message));
            }

            @Override
            public void closed() {
              said.add("closed");
            }
          };
        };
    try (TestGateway hub = new TestGateway(options)) {
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        Map<String, Object> data = new HashMap<>(worker("w1"));
        data.put(
            "muster",
            Map.of(
                "id",
                "someone-else",
                "instance",
                "i1",
                "name",
                "n",
                "type",
                "worker",
                "maxConcurrent",
                5,
                "models",
                List.of(Map.of("id", "m", "provider", "demo"))));
        node.register(data);
        await().until(() -> hub.state("w1").equals("online"));
        assertThat(hub.onLoop(() -> hub.registry.able("m"))).hasSize(1);
        node.socket.sendBinary(ByteBuffer.wrap("hi".getBytes(StandardCharsets.UTF_8)), true).join();
        await().until(() -> !node.binary.isEmpty());
        assertThat(new String(node.binary.poll(), StandardCharsets.UTF_8)).isEqualTo("re: hi");
      }
      await().until(() -> said.contains("closed"));
      assertThat(said).containsExactly("open w1 i1", "closed");
    }
  }

  @Test
  void aHubThatStopsSaysSo() throws Exception {
    try (TestGateway hub = TestGateway.start();
        JdkNode node = JdkNode.connect(hub.uri(PATH))) {
      node.register(worker("w1"));
      hub.stopSockets();
      assertThat(node.closeCode()).isEqualTo(1001);
    }
  }

  @Test
  void aWebPageOfAnotherOriginCannotConnect() throws Exception {
    try (TestGateway hub = TestGateway.start();
        Socket page = new Socket("127.0.0.1", hub.http.port())) {
      page.getOutputStream().write(handshake("Origin: https://evil.example\r\n"));
      byte[] answer = new byte[12];
      assertThat(page.getInputStream().readNBytes(answer, 0, 12)).isEqualTo(12);
      assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 403");
    }
  }

  /** A node that reads nothing by itself. */
  private static Socket raw(TestGateway hub) throws Exception {
    Socket socket = new Socket("127.0.0.1", hub.http.port());
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(handshake(""));
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      head.append((char) socket.getInputStream().read());
    }
    assertThat(head).startsWith("HTTP/1.1 101");
    return socket;
  }

  private static byte[] handshake(String more) {
    return ("GET /api/nodes/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            + more
            + "\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** A text frame as clients send it, with a mask of zeros. */
  private static byte[] masked(String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + payload.length)
        .put((byte) 0x81)
        .put((byte) (0x80 | 126))
        .putShort((short) payload.length)
        .putInt(0)
        .put(payload)
        .array();
  }

  private static void fault(JdkNode node, String code, String frame) {
    JsonObject error = node.expect("error");
    assertThat(error.getString("code")).as(error.encode()).isEqualTo(code);
    assertThat(error.getString("message")).isNotEmpty();
    assertThat(error.getString("frame")).isEqualTo(frame);
  }

  /** A feature that says again what it is told. */
  private record Echo(List<NodeSession> sessions) implements SocketFeature {
    @Override
    public Map<String, BiConsumer<NodeSession, JsonObject>> frames() {
      return Map.of(
          "echo",
          (session, data) -> {
            if (data.containsKey("boom")) {
              throw new IllegalStateException("a feature with a fault");
            }
            String text = data.getString("text");
            if (text == null) {
              throw ApiErrors.of(400, "no_text", "'text' is missing.");
            }
            session.send("echoed", data);
          });
    }

    @Override
    public Inbox inbox(NodeSession session) {
      sessions.add(session);
      return new Inbox()
          .<HubMessage>serve(
              HubMessage.class,
              message -> {
                session.send("hello", new JsonObject());
                return io.vertx.core.Future.succeededFuture(Ack.OK);
              });
    }
  }
}
