package io.muster.hub.tunnel;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.event.Events;
import io.muster.hub.admin.NodeOrders;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.node.FleetNotice;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.SyncTunnels;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.muster.tunnel.TunnelType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who gets which port, whatever the database. */
abstract class TunnelsContract {
  private static final String SERVER = "frp.example.org:7000";
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final PortRange RANGE = new PortRange(20_000, 20_019, 10);

  private final Vertx vertx = Vertx.vertx();
  private TestDatabase home;
  private Database database;
  private TunnelStore store;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    home = create();
    database = home.open(vertx);
    store = new TunnelStore(database, RANGE, Clock.systemUTC());
  }

  @AfterEach
  void close() {
    await(database.close());
    await(vertx.close());
    home.close();
  }

  @Test
  void leasesPortsToTheTunnelsOfSettingsAndKeepsThem() {
    Tunnel ssh = tcp("ssh", 0);
    Tunnel web = new Tunnel("web", TunnelType.HTTP, "127.0.0.1", 80, 0, List.of("a.example"));
    TunnelPlan plan = await(store.sync("w1", SERVER, List.of(ssh, web)));
    assertThat(plan.tunnels())
        .containsExactly(new Planned(ssh.at(20_000), false), new Planned(web, false));
    assertThat(await(store.sync("w1", SERVER, List.of(ssh, web)))).isEqualTo(plan);
    assertThat(await(store.sync("w2", SERVER, List.of(ssh))).tunnels())
        .containsExactly(new Planned(ssh.at(20_001), false));
    // Another server's ports are others.
    assertThat(await(store.sync("w3", "other:7000", List.of(ssh))).tunnels())
        .containsExactly(new Planned(ssh.at(20_000), false));
    // And so are those of another protocol.
    Tunnel dns = new Tunnel("dns", TunnelType.UDP, "127.0.0.1", 53, 20_000, List.of());
    assertThat(await(store.sync("w4", SERVER, List.of(dns))).refused()).isEmpty();
  }

  @Test
  void refusesAPortThatAnotherHoldsAndOneOutOfRange() {
    await(store.sync("w1", SERVER, List.of(tcp("a", 20_005))));
    TunnelPlan plan = await(store.sync("w2", SERVER, List.of(tcp("a", 20_005), tcp("b", 22))));
    assertThat(plan.tunnels()).isEmpty();
    assertThat(plan.refused()).hasSize(2);
    assertThat(plan.refused().get(0).reason()).contains("leased to another tunnel");
    assertThat(plan.refused().get(1).reason()).contains("TUNNEL_PORT_MIN");
    // Once the other lets it go, it is this one's.
    await(store.sync("w1", SERVER, List.of()));
    assertThat(await(store.sync("w2", SERVER, List.of(tcp("a", 20_005)))).tunnels())
        .containsExactly(new Planned(tcp("a", 20_005), false));
  }

  @Test
  void givesUpTheLeasesOfTheServerThatANodeLeaves() {
    await(store.sync("w1", SERVER, List.of(tcp("a", 20_005))));
    await(store.sync("w1", "other:7000", List.of(tcp("a", 20_005))));
    assertThat(await(store.sync("w2", SERVER, List.of(tcp("a", 20_005)))).refused()).isEmpty();
  }

  @Test
  void takesOrdersWhereTheNodeHasAServer() {
    fails(store.order("w1", tcp("ssh", 0)), "FRP_SERVER");
    await(store.sync("w1", SERVER, List.of(tcp("own", 20_001))));
    assertThat(await(store.order("w1", tcp("ssh", 0)))).isEqualTo(tcp("ssh", 20_000));
    fails(store.order("w1", tcp("ssh", 0)), "already");
    fails(store.order("w1", tcp("own", 0)), "already");
    fails(store.order("w1", tcp("third", 20_001)), "leased to another tunnel");
    assertThat(await(store.list(Optional.of("w1")))).hasSize(2);
    assertThat(await(store.sync("w1", SERVER, List.of(tcp("own", 20_001)))).tunnels())
        .containsExactly(
            new Planned(tcp("own", 20_001), false), new Planned(tcp("ssh", 20_000), true));

    assertThat(await(store.cancel("w1", "own"))).isFalse();
    assertThat(await(store.cancel("w1", "ssh"))).isTrue();
    assertThat(await(store.order("w1", tcp("again", 0)))).isEqualTo(tcp("again", 20_000));
  }

  @Test
  void boundsWhatANodeMayHave() {
    await(store.sync("w1", SERVER, List.of()));
    for (int i = 0; i < RANGE.perNode(); i++) {
      await(store.order("w1", tcp("t" + i, 0)));
    }
    fails(store.order("w1", tcp("more", 0)), "may not have more");
    TunnelPlan plan = await(store.sync("w1", SERVER, List.of(tcp("own", 0))));
    assertThat(plan.refused()).hasSize(1);
    assertThat(plan.refused().get(0).name()).isEqualTo("own");
    assertThat(plan.refused().get(0).reason()).contains("TUNNELS_PER_NODE");
  }

  @Test
  void saysThatATunnelOfTheSettingsHasTheNameOfAnOrderedOne() {
    await(store.sync("w1", SERVER, List.of()));
    await(store.order("w1", tcp("ssh", 20_003)));
    TunnelPlan plan = await(store.sync("w1", SERVER, List.of(tcp("ssh", 0), tcp("own", 0))));
    assertThat(plan.tunnels())
        .containsExactly(
            new Planned(tcp("own", 20_000), false), new Planned(tcp("ssh", 20_003), true));
    assertThat(plan.refused()).hasSize(1);
    assertThat(plan.refused().get(0).name()).isEqualTo("ssh");
    assertThat(plan.refused().get(0).reason()).contains("ordered at the hub");
  }

  @Test
  void leasesNoPortTwiceToThoseWhoClaimAtOnce() {
    TunnelStore other = new TunnelStore(otherHub(), RANGE, Clock.systemUTC());
    List<Future<TunnelPlan>> claims = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      claims.add(
          (i % 2 == 0 ? store : other)
              .sync("w" + i, SERVER, List.of(tcp("a", 0), tcp("b", 20_019))));
    }
    await(Future.join(claims));
    List<Integer> ports = new ArrayList<>();
    claims.forEach(
        claim ->
            claim.result().tunnels().forEach(planned -> ports.add(planned.tunnel().remotePort())));
    assertThat(ports).hasSize(13).doesNotHaveDuplicates().contains(20_019);
    assertThat(
            await(store.list(Optional.empty())).stream()
                .filter(one -> one.planned().tunnel().remotePort() > 0))
        .hasSize(13);
    closeOther();
  }

  @Test
  void answersNodesAndForgetsThoseThatGoForGood() {
    Bus bus = new Bus(vertx);
    Settings settings =
        Settings.load(Role.HUB, Map.of("TUNNEL_PORT_MIN", "7000"), Path.of("target"));
    SomeNodes nodes = new SomeNodes();
    Tunnels tunnels =
        new Tunnels(
            bus,
            NodeOrders.over(bus, SOON, (node, command) -> (Record) command),
            database,
            nodes,
            settings,
            new Events("hub", event -> {}, Clock.systemUTC()),
            Clock.systemUTC());
    await(tunnels.start(registration -> {}));
    List<TunnelPlan> told = new CopyOnWriteArrayList<>();
    SyncTunnels question = new SyncTunnels("w1", SERVER, List.of(tcp("ssh", 0)));
    // A node that has not registered, or whose address is not served, gets no plan and hears so.
    assertThatThrownBy(() -> await(bus.<Ack>ask(Addresses.TUNNELS, question, SOON)))
        .satisfies(e -> assertThat(Fault.from(e).failure()).isEqualTo(Failure.UNREACHABLE))
        .hasMessageContaining("registered");
    assertThat(await(store.list(Optional.empty()))).isEmpty();
    nodes.with(SomeNodes.online("w1", "m"));
    assertThatThrownBy(() -> await(bus.<Ack>ask(Addresses.TUNNELS, question, SOON)))
        .satisfies(e -> assertThat(Fault.from(e).failure()).isEqualTo(Failure.UNREACHABLE));
    await(
        bus.<TunnelPlan, Ack>serve(
            Addresses.node("w1"),
            plan -> {
              told.add(plan);
              return Future.succeededFuture(Ack.OK);
            }));
    assertThat(await(bus.<Ack>ask(Addresses.TUNNELS, question, SOON))).isEqualTo(Ack.OK);
    assertThat(told).hasSize(1);
    assertThat(told.get(0).tunnels()).containsExactly(new Planned(tcp("ssh", 7_000), false));
    bus.publish(Addresses.FLEET, new FleetNotice.NodeForgotten("another hub", "w1"));
    Awaitility.await().until(() -> await(store.list(Optional.empty())).isEmpty());
    assertThat(await(store.sync("w2", SERVER, List.of(tcp("ssh", 0)))).tunnels()).hasSize(1);
  }

  /** Another hub on the same database, where it takes one. */
  Database otherHub() {
    return database;
  }

  void closeOther() {}

  Database open(TestDatabase again) {
    return again.open(vertx);
  }

  TestDatabase home() {
    return home;
  }

  private static void fails(Future<?> future, String message) {
    assertThatThrownBy(() -> await(future))
        .hasMessageContaining(message)
        .satisfies(cause -> assertThat(Fault.from(cause).failure()).isEqualTo(Failure.CONFLICT));
  }

  private static Tunnel tcp(String name, int remotePort) {
    return new Tunnel(name, TunnelType.TCP, "127.0.0.1", 22, remotePort, List.of());
  }
}
