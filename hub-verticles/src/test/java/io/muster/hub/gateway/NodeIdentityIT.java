package io.muster.hub.gateway;

import static io.muster.hub.gateway.TestGateway.worker;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.identity.KeyProof;
import io.muster.identity.NodeKeys;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who is let in at the nodes' socket, and what shuts a node out. */
class NodeIdentityIT {
  private static final String SECRET = "c0rrect-horse-battery-staple";
  private static final String PATH = "/api/nodes/socket";
  private static final String WITH_KEY = "/abp-distributed-server/VCP_Key=" + SECRET;
  private static final NodeKeys KEYS = NodeKeys.generate();
  private static final NodeKeys OTHER = NodeKeys.generate();

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void theVcpKeyAdmitsUnlessItIsForbidden() throws Exception {
    try (TestGateway hub = new TestGateway(withSecret())) {
      try (JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
        assertThat(node.ack.getBoolean("authenticated")).isTrue();
        assertThat(node.register(worker("foreign")).getBoolean("success")).isTrue();
      }
      assertThat(admin(hub, "GET", "/api/admin/identities", null).body())
          .contains("\"admittedBy\":\"vcp-key\"");
    }
    TestGateway.Options strict = withSecret();
    strict.vcpNodes = false;
    try (TestGateway hub = new TestGateway(strict);
        JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
      assertThat(node.register(worker("foreign")).getString("code")).isEqualTo("vcp_forbidden");
      assertThat(node.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  void guessingLocksTheAddressOut() {
    TestGateway.Options options = withSecret();
    options.lockoutFailures = 3;
    try (TestGateway hub = new TestGateway(options)) {
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(() -> new JdkNode(hub.uri("/distributed-server/VCP_Key=wrong")))
            .hasStackTraceContaining("401");
      }
      assertThatThrownBy(() -> new JdkNode(hub.uri(WITH_KEY))).hasStackTraceContaining("429");
    }
  }

  @Test
  void theSecretsProofAdmitsAndTheKeyDoesFromThenOn() throws Exception {
    try (TestGateway hub = new TestGateway(withSecret())) {
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        assertThat(node.ack.getBoolean("authenticated")).isFalse();
        JsonObject auth = node.auth(KEYS, "w1");
        String proof = KeyProof.ofSecret(SECRET, node.nonce(), "w1", auth.getString("publicKey"));
        assertThat(
                node.register(worker("w1"), auth.put("secretProof", proof)).getBoolean("success"))
            .isTrue();
      }
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        assertThat(node.register(worker("w1"), node.auth(KEYS, "w1")).getBoolean("success"))
            .isTrue();
      }
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        assertThat(node.register(worker("w2")).getString("code")).isEqualTo("not_admitted");
        assertThat(node.closeCode()).isEqualTo(1008);
      }
    }
  }

  @Test
  void anotherKeyIsRefusedUntilAnAdminAllowsIt() throws Exception {
    try (TestGateway hub = new TestGateway(withSecret())) {
      try (JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
        node.register(worker("w1"), node.auth(KEYS, "w1"));
      }
      try (JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
        JsonObject refused = node.register(worker("w1"), node.auth(OTHER, "w1"));
        assertThat(refused.getString("code")).isEqualTo("other_key");
        assertThat(refused.getString("message")).contains("rekey");
      }
      try (JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
        assertThat(node.register(worker("w1")).getString("code")).isEqualTo("other_key");
      }
      assertThat(admin(hub, "POST", "/api/admin/nodes/w1/rekey", "").statusCode()).isEqualTo(200);
      try (JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
        assertThat(node.register(worker("w1"), node.auth(OTHER, "w1")).getBoolean("success"))
            .isTrue();
      }
      try (JdkNode node = JdkNode.connect(hub.uri(WITH_KEY))) {
        assertThat(node.register(worker("w1"), node.auth(KEYS, "w1")).getString("code"))
            .isEqualTo("other_key");
      }
    }
  }

  @Test
  void aJoinTokenAdmitsOneNodeOnce() throws Exception {
    try (TestGateway hub = new TestGateway(withSecret())) {
      HttpResponse<String> made =
          admin(hub, "POST", "/api/admin/join-tokens", "{\"note\":\"the desktop\"}");
      assertThat(made.statusCode()).isEqualTo(201);
      String token = new JsonObject(made.body()).getString("token");
      String id = new JsonObject(made.body()).getString("id");
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        JsonObject auth = node.auth(KEYS, "w1").put("joinToken", token);
        assertThat(node.register(worker("w1"), auth).getBoolean("success")).isTrue();
      }
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        JsonObject auth = node.auth(OTHER, "w2").put("joinToken", token);
        assertThat(node.register(worker("w2"), auth).getString("message")).contains("used");
      }
      String listed = admin(hub, "GET", "/api/admin/join-tokens", null).body();
      assertThat(listed)
          .contains("\"usedBy\":\"w1\"")
          .contains("the desktop")
          .doesNotContain(token);
      assertThat(admin(hub, "DELETE", "/api/admin/join-tokens/" + id, null).statusCode())
          .isEqualTo(204);
      assertThat(admin(hub, "DELETE", "/api/admin/join-tokens/" + id, null).statusCode())
          .isEqualTo(404);
      assertThat(admin(hub, "POST", "/api/admin/join-tokens", "{\"ttl_ms\":\"x\"}").body())
          .contains("ttl_ms");
    }
  }

  @Test
  void onlyAdminsMayDoThat() throws Exception {
    try (TestGateway hub = TestGateway.start()) {
      for (String path : new String[] {"join-tokens", "nodes/w1/revoke", "nodes/w1/rekey"}) {
        HttpRequest request =
            HttpRequest.newBuilder(hub.http("/api/admin/" + path))
                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
            .isEqualTo(401);
      }
    }
  }

  @Test
  void revokingCutsANodeOffAtOnceAndForGood() throws Exception {
    try (TestGateway hub = TestGateway.start()) {
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        node.register(worker("w1"), node.auth(KEYS, "w1"));
        await().until(() -> hub.state("w1").equals("online"));
        assertThat(admin(hub, "POST", "/api/admin/nodes/w1/revoke", "").statusCode())
            .isEqualTo(200);
        assertThat(node.closeCode()).isEqualTo(1008);
        await().until(() -> hub.state("w1").equals("offline"));
      }
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        assertThat(node.register(worker("w1"), node.auth(KEYS, "w1")).getString("code"))
            .isEqualTo("revoked");
      }
      admin(hub, "POST", "/api/admin/nodes/w1/readmit", "");
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        assertThat(node.register(worker("w1"), node.auth(KEYS, "w1")).getBoolean("success"))
            .isTrue();
      }
      assertThat(admin(hub, "POST", "/api/admin/nodes/nobody/revoke", "").statusCode())
          .isEqualTo(404);
    }
  }

  @Test
  void aNonceIsGoodForOneConnectionAndOneAnswer() throws Exception {
    Set<String> nonces = new HashSet<>();
    try (TestGateway hub = TestGateway.start()) {
      JsonObject recorded;
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        recorded = node.auth(KEYS, "w1");
        assertThat(node.register(worker("w1"), recorded).getBoolean("success")).isTrue();
        nonces.add(node.nonce());
      }
      int rounds = 30;
      for (int i = 0; i < rounds; i++) {
        try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
          nonces.add(node.nonce());
          assertThat(node.register(worker("w1"), recorded).getString("code"))
              .isEqualTo("not_proved");
          assertThat(node.closeCode()).isEqualTo(1008);
        }
      }
      assertThat(nonces).hasSize(rounds + 1);
      try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
        JsonObject wrong = node.auth(OTHER, "w1").put("publicKey", recorded.getString("publicKey"));
        node.send("node_register", new JsonObject(worker("w1")).copy().put("auth", wrong));
        node.send(
            "node_register",
            new JsonObject(worker("w1")).copy().put("auth", node.auth(KEYS, "w1")));
        assertThat(node.expect("node_registered").getBoolean("success")).isFalse();
        assertThat(node.closeCode()).isEqualTo(1008);
        assertThat(node.frames).isEmpty();
      }
    }
  }

  @Test
  void aNodeWithAKeyAndNoIdIsTheSameEachTime() {
    try (TestGateway hub = TestGateway.start()) {
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < 2; i++) {
        try (JdkNode node = JdkNode.connect(hub.uri(PATH))) {
          JsonObject data = new JsonObject(worker("x")).copy();
          data.remove("nodeId");
          ids.add(node.register(data.getMap(), node.auth(KEYS, "")).getString("nodeId"));
        }
      }
      assertThat(ids).singleElement().asString().startsWith("node-");
    }
  }

  private static TestGateway.Options withSecret() {
    TestGateway.Options options = new TestGateway.Options();
    options.secret = SECRET;
    return options;
  }

  private HttpResponse<String> admin(TestGateway hub, String method, String path, String body)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(hub.http(path))
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body))
            .header("authorization", TestGateway.ADMIN)
            .header("content-type", "application/json")
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
