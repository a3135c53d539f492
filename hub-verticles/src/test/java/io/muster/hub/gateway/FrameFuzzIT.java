package io.muster.hub.gateway;

import static io.muster.hub.gateway.TestGateway.worker;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Whatever nodes send, well framed or not, the hub answers others as before. The seed stands in
 * every failure, and {@code -Dmuster.fuzz.seed} repeats it; {@code -Dmuster.fuzz.rounds} makes it
 * longer.
 */
class FrameFuzzIT {
  private static final List<String> TYPES =
      List.of(
          "node_register",
          "heartbeat",
          "node_unregister",
          "register_tools",
          "task_result",
          "llm_request",
          "connection_ack",
          "",
          "x");
  private static final List<String> FIELDS =
      List.of(
          "nodeId",
          "name",
          "type",
          "capabilities",
          "tools",
          "config",
          "maxConcurrentTasks",
          "auth",
          "publicKey",
          "signature",
          "algorithm",
          "joinToken",
          "secretProof",
          "muster",
          "stats",
          "status",
          "activeTasks",
          "personality",
          "resources",
          "metadata",
          "instance",
          "models");

  private final long seed = Long.getLong("muster.fuzz.seed", System.nanoTime());
  private final int rounds = Integer.getInteger("muster.fuzz.rounds", 40);
  private final Random random = new Random(seed);

  @Test
  void theHubSurvivesWhateverComes() throws Exception {
    TestGateway.Options options = new TestGateway.Options();
    options.maxFaults = 1_000_000;
    try (TestGateway hub = new TestGateway(options);
        JdkNode witness = JdkNode.connect(hub.uri("/api/nodes/socket"))) {
      witness.register(worker("witness"));
      for (int round = 0; round < rounds; round++) {
        attack(hub);
        witness.send("heartbeat", new JsonObject());
        assertThat(witness.expect("heartbeat_ack").getString("nodeId"))
            .as("seed " + seed)
            .isEqualTo("witness");
      }
      assertThat(hub.state("witness")).as("seed " + seed).isEqualTo("online");
    }
  }

  private void attack(TestGateway hub) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", hub.http.port())) {
      socket.setSoTimeout(5_000);
      OutputStream out = socket.getOutputStream();
      out.write(
          ("GET /api/nodes/socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                  + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      StringBuilder head = new StringBuilder();
      while (!head.toString().endsWith("\r\n\r\n")) {
        head.append((char) socket.getInputStream().read());
      }
      assertThat(head).startsWith("HTTP/1.1 101");
      Thread drain = drain(socket.getInputStream());
      try {
        for (int i = 0; i < 50; i++) {
          out.write(frame());
        }
      } catch (SocketException e) {
        // The hub has hung up, which it may.
      }
      socket.shutdownOutput();
      drain.join(5_000);
    }
  }

  private byte[] frame() {
    byte[] payload = payload();
    int choice = random.nextInt(20);
    int opcode =
        switch (choice) {
          case 0 -> random.nextInt(16);
          case 1 -> 2;
          case 2 -> 9;
          case 3 -> 0;
          default -> 1;
        };
    boolean last = random.nextInt(15) != 0;
    int reserved = random.nextInt(60) == 0 ? random.nextInt(8) << 4 : 0;
    boolean mask = random.nextInt(80) != 0;
    java.io.ByteArrayOutputStream frame = new java.io.ByteArrayOutputStream();
    frame.write((last ? 0x80 : 0) | reserved | opcode);
    int flag = mask ? 0x80 : 0;
    if (payload.length < 126) {
      frame.write(flag | payload.length);
    } else {
      frame.write(flag | 126);
      frame.write(payload.length >> 8);
      frame.write(payload.length);
    }
    byte[] key = new byte[4];
    random.nextBytes(key);
    if (mask) {
      frame.writeBytes(key);
    }
    for (int i = 0; i < payload.length; i++) {
      frame.write(mask ? payload[i] ^ key[i % 4] : payload[i]);
    }
    return frame.toByteArray();
  }

  private byte[] payload() {
    if (random.nextInt(10) == 0) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      return noise;
    }
    byte[] json =
        new JsonObject()
            .put("type", TYPES.get(random.nextInt(TYPES.size())))
            .put("data", random.nextInt(8) == 0 ? value(3) : object(0))
            .encode()
            .getBytes(StandardCharsets.UTF_8);
    for (int flips = random.nextInt(6) == 0 ? 1 + random.nextInt(4) : 0; flips > 0; flips--) {
      json[random.nextInt(json.length)] = (byte) random.nextInt(256);
    }
    return random.nextInt(12) == 0 ? java.util.Arrays.copyOf(json, json.length / 2) : json;
  }

  private JsonObject object(int depth) {
    JsonObject object = new JsonObject();
    for (int i = random.nextInt(8); i > 0; i--) {
      object.put(FIELDS.get(random.nextInt(FIELDS.size())), value(depth + 1));
    }
    return object;
  }

  private Object value(int depth) {
    return switch (random.nextInt(depth > 4 ? 7 : 9)) {
      case 0 -> null;
      case 1 -> random.nextBoolean();
      case 2 -> random.nextLong();
      case 3 -> random.nextDouble() * 1e300;
      case 4 -> "w" + random.nextInt(5);
      case 5 -> random.nextBoolean() ? "worker" : "companion";
      case 6 -> "\u0000\ud83d\ude00".repeat(random.nextInt(40));
      case 7 -> new JsonArray().add(value(depth + 1)).add(value(depth + 1));
      default -> object(depth + 1);
    };
  }

  private static Thread drain(InputStream in) {
    Thread thread =
        new Thread(
            () -> {
              try {
                in.transferTo(OutputStream.nullOutputStream());
              } catch (java.io.IOException e) {
                // The end, this way or that.
              }
            });
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
