package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.container.ContainerAnswer;
import io.muster.container.ContainerBody;
import io.muster.container.ContainerMessage;
import io.muster.hub.Hub;
import io.muster.identity.Command;
import io.muster.identity.CommandSigner;
import io.muster.identity.NodeKeys;
import io.muster.identity.Order;
import io.muster.node.HubMessage;
import io.muster.node.NodeCommand;
import io.muster.runtime.cluster.Cluster;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.muster.tunnel.TunnelType;
import io.muster.worker.Worker;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
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
import java.util.concurrent.atomic.AtomicInteger;
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
  private String token;

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
    CommandSigner forger =
        new CommandSigner("hub-of-mine", NodeKeys.generate(), SECRET, System::currentTimeMillis);
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

      assertThat(admin("POST", "/nodes/" + id + "/drain", "")).contains("\"nodeTold\":true");
      assertThat(worker.draining()).isTrue();
    }
    assertThat(refusals).isEmpty();
  }

  @Test
  void onlyHubsHaveNodesRunContainersAndOpenTunnels() throws Exception {
    CommandSigner forger =
        new CommandSigner("hub-of-mine", NodeKeys.generate(), SECRET, System::currentTimeMillis);
    TunnelPlan mine =
        new TunnelPlan(
            "127.0.0.1:1",
            List.of(
                new Planned(
                    new Tunnel("mine", TunnelType.TCP, "127.0.0.1", 22, 20_022, List.of()), true)),
            List.of());
    List<Command> commands =
        List.of(
            new ContainerMessage.CreateContainer(
                ContainerBody.read(
                    new JsonObject().put("claim_id", "mine").put("image", "miner:latest"))),
            new ContainerMessage.ListContainers(),
            new ContainerMessage.RemoveContainer("theirs", 0),
            new ContainerMessage.FollowContainer("theirs", -1, false),
            new ContainerMessage.AskOffer(null),
            mine,
            new TunnelMessage.TunnelsChanged(),
            new TunnelMessage.ShowTunnels());
    // It also says that it is a hub which knows of tunnels, and is asked in turn.
    List<String> asking = new CopyOnWriteArrayList<>();
    done(
        bus.<TunnelMessage, TunnelPlan>serve(
            Addresses.TUNNELS,
            message -> {
              asking.add(((TunnelMessage.SyncTunnels) message).nodeId());
              return Future.succeededFuture(mine);
            }));
    for (Worker worker : List.of(near, far)) {
      String id = worker.info().id();
      for (Command command : commands) {
        assertThat(refused(id, command)).contains("not signed");
        assertThat(refused(id, forger.sign(id, worker.info().instance(), command)))
            .contains("another fleet's key");
      }
      assertThat(admin("GET", "/nodes/" + id + "/containers", "")).contains("\"total\":0");
      // What the node says of it comes back with its code: there is no engine.
      assertThat(
              admin(
                  "POST",
                  "/nodes/" + id + "/containers",
                  "{\"claim_id\":\"c\",\"image\":\"i\",\"gpu_ids\":[9]}"))
          .contains("gpu");
      AtomicInteger tunnels = new AtomicInteger();
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                // Each makes the node ask for its plan: this hub, or the other.
                String body =
                    "{\"name\":\"t%d\",\"type\":\"tcp\",\"localPort\":80}"
                        .formatted(tunnels.incrementAndGet());
                admin("POST", "/nodes/" + id + "/tunnels", body);
                assertThat(admin("GET", "/nodes/" + id + "/tunnels", ""))
                    .contains("\"status\":\"off\"");
                assertThat(asking).contains(id);
              });
      assertThat(worker.features().encode()).doesNotContain("\"mine\"");
    }
  }

  @Test
  void anOrderThatIsCaughtHoldsOnce() throws Exception {
    for (Worker worker : List.of(near, far)) {
      String id = worker.info().id();
      Order caught = caught(id);
      // Late, but not too late: it was not heard before.
      Record answer = done(bus.ask(Addresses.node(id), caught, SOON));
      assertThat(answer).isInstanceOf(ContainerAnswer.Containers.class);
      assertThat(refused(id, caught)).contains("repetition");

      // Nor does it hold when the hub has been heard since.
      Order held = caught(id);
      admin("GET", "/nodes/" + id + "/containers", "");
      assertThat(refused(id, held)).contains("repetition");
    }
  }

  /** An order about containers to this node that the rogue got, as it serves the same address. */
  private Order caught(String id) throws Exception {
    List<Order> orders = new CopyOnWriteArrayList<>();
    Registration trap =
        done(
            bus.open(
                Addresses.node(id),
                new Inbox()
                    .serve(
                        Order.class,
                        order -> {
                          orders.add(order);
                          return Future.failedFuture("caught");
                        })));
    await()
        .atMost(SOON)
        .until(
            () -> {
              admin("GET", "/nodes/" + id + "/containers", "");
              return !orders.isEmpty();
            });
    done(trap.close());
    return orders.get(orders.size() - 1);
  }

  private String refused(String id, Object message) throws Exception {
    Future<Fault> fault =
        bus.ask(Addresses.node(id), (Record) message, SOON)
            .transform(
                done ->
                    done.succeeded()
                        ? Future.failedFuture(id + " obeyed")
                        : Future.succeededFuture(Fault.from(done.cause())));
    Fault said = done(fault);
    assertThat(said.failure()).isEqualTo(Failure.FORBIDDEN);
    return said.message();
  }

  private String admin(String method, String path, String body) throws Exception {
    if (token == null) {
      String login =
          call("POST", "/auth/login", "{\"username\":\"admin\",\"password\":\"" + PASSWORD + "\"}");
      token = HubClient.parse(login).path("token").asText();
    }
    return call(method, path, body);
  }

  private String call(String method, String path, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.port() + "/api/admin" + path))
            .timeout(SOON)
            .method(method, HttpRequest.BodyPublishers.ofString(body));
    if (!body.isEmpty()) {
      request.header("Content-Type", "application/json");
    }
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
    env.put("ENABLE_CONTAINERS", "true");
    env.put("CONTAINER_ENGINE", "unix://" + folder.resolve("no-engine.sock"));
    env.put("NODE_API_LISTEN", "127.0.0.1:0");
    env.put("FRP_SERVER", "127.0.0.1:1");
    env.put("FRPC_PATH", folder.resolve("no-frpc").toString());
    // Nothing but what the test does makes it ask.
    env.put("TUNNEL_SYNC_MS", "3600000");
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
