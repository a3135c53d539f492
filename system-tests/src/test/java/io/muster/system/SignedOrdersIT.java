package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.Hub;
import io.muster.identity.CommandSigner;
import io.muster.identity.NodeKeys;
import io.muster.node.HubMessage;
import io.muster.node.NodeCommand;
import io.muster.runtime.cluster.Cluster;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.worker.Worker;
import io.vertx.core.Future;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A member of the cluster that is no hub, though it has the fleet's secret, against a worker of the
 * cluster and one at a socket: it steers neither, and the hub steers both.
 */
class SignedOrdersIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String SECRET = "the secret of this whole fleet, 42";
  private static final String PASSWORD = "quite a password";

  private final Path folder = Fleet.temporaryFolder();
  private final int clusterPort = FreePorts.stretch(6);
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private Hub hub;
  private Worker near;
  private Worker far;
  private Cluster rogue;
  private Bus bus;

  @BeforeEach
  void start() throws Exception {
    hub =
        done(
            Hub.start(
                settings(
                    Role.HUB, "hub", Map.of("ROOT_NODE_PORT", "0", "ADMIN_PASSWORD", PASSWORD))));
    near = worker("near", Map.of());
    far =
        worker(
            "far", Map.of("ROOT_NODE_URL", "ws://127.0.0.1:" + hub.port(), "NODE_LINK", "socket"));
    rogue = done(Cluster.join(settings(Role.WORKER, "rogue", Map.of())));
    bus = new Bus(rogue.vertx());
    HubClient operator = new HubClient("http://127.0.0.1:" + hub.port());
    for (String id : List.of("near", "far")) {
      await().atMost(SOON).until(() -> operator.status(id), "online"::equals);
      await().atMost(SOON).until(() -> Files.exists(folder.resolve(id + "/fleet-key.pub")));
    }
  }

  @AfterEach
  void stop() throws Exception {
    done(near.stop());
    done(far.stop());
    done(rogue.leave(Duration.ofSeconds(5)));
    done(hub.stop());
    Fleet.delete(folder);
  }

  @Test
  void onlyHubsSteerNodes() throws Exception {
    NodeKeys own = NodeKeys.generate();
    CommandSigner forger = new CommandSigner("hub-of-mine", own, SECRET, System::currentTimeMillis);
    for (Worker worker : List.of(near, far)) {
      String id = worker.info().id();
      String instance = worker.info().instance();
      NodeCommand unload = new NodeCommand.UnloadNode("mine now");
      assertThat(refused(id, unload)).contains("not signed");
      assertThat(refused(id, forger.sign(id, instance, unload))).contains("another fleet's key");

      // Nor is it believed when it says that it is the hub, or that the hub shuts the node out.
      bus.publish(
          Addresses.NODES,
          (Record) forger.vouch(new HubMessage.Welcome("hub-of-mine", id, instance)));
      bus.publish(
          Addresses.NODES,
          (Record) forger.vouch(new HubMessage.Refused("hub-of-mine", id, instance, "out")));
      bus.publish(Addresses.NODES, new HubMessage.Refused("hub-of-mine", id, instance, "out"));
      await().atMost(SOON).until(() -> worker.hubs().size() == 2);
      assertThat(refused(id, forger.sign(id, instance, unload))).contains("another fleet's key");
      assertThat(worker.draining()).isFalse();

      assertThat(admin("/nodes/" + id + "/drain")).contains("\"nodeTold\":true");
      assertThat(worker.draining()).isTrue();
    }
    assertThat(refusals).isEmpty();
  }

  private String refused(String id, NodeCommand command) throws Exception {
    Future<Fault> fault =
        bus.ask(Addresses.node(id), (Record) command, SOON)
            .transform(
                done ->
                    done.succeeded()
                        ? Future.failedFuture(id + " obeyed")
                        : Future.succeededFuture(Fault.from(done.cause())));
    Fault said = done(fault);
    assertThat(said.failure()).isEqualTo(Failure.FORBIDDEN);
    return said.message();
  }

  private String admin(String path) throws Exception {
    String login =
        post("/auth/login", null, "{\"username\":\"admin\",\"password\":\"" + PASSWORD + "\"}");
    return post(path, HubClient.parse(login).path("token").asText(), "");
  }

  private String post(String path, String token, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.port() + "/api/admin" + path))
            .timeout(SOON)
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body();
  }

  private Worker worker(String id, Map<String, String> more) throws Exception {
    Map<String, String> env = new HashMap<>(more);
    env.put("WORKER_ID", id);
    env.put("WORKER_PORT", "0");
    env.put("OLLAMA_DETECT", "false");
    env.put("DEMO_MODEL", "on");
    return done(Worker.start(settings(Role.WORKER, id, env), refusals::add));
  }

  private Settings settings(Role role, String name, Map<String, String> more) {
    Map<String, String> env = new HashMap<>(more);
    env.put("CLUSTER_PORT", String.valueOf(clusterPort));
    env.put("CLUSTER_PORT_COUNT", "6");
    env.put("CLUSTER_NAME", "signed-orders-" + clusterPort);
    env.put("ROOT_NODE_SECRET", SECRET);
    env.put("DATA_DIR", folder.resolve(name).toString());
    return Settings.load(role, env, folder);
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.await(60, TimeUnit.SECONDS);
  }
}
