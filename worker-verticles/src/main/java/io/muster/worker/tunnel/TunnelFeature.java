package io.muster.worker.tunnel;

import io.muster.bus.Ack;
import io.muster.bus.Addresses;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Inbox;
import io.muster.runtime.health.Finding;
import io.muster.runtime.health.HealthCheck;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import io.muster.runtime.settings.TunnelSettings;
import io.muster.tunnel.Tunnel;
import io.muster.tunnel.TunnelMessage;
import io.muster.tunnel.TunnelMessage.Planned;
import io.muster.tunnel.TunnelMessage.Refused;
import io.muster.tunnel.TunnelMessage.TunnelPlan;
import io.muster.tunnel.TunnelMessage.TunnelReport;
import io.muster.worker.feature.NodeContext;
import io.muster.worker.feature.NodeFeature;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tunnels of an frp server that lead to this machine: the hub says which are to be and on which
 * ports, frpc makes them.
 */
public final class TunnelFeature implements NodeFeature {
  private static final Logger log = LoggerFactory.getLogger(TunnelFeature.class);
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(10);
  private static final long FIRST_SYNC_MS = 2_000;

  private final NodeContext node;
  private final Settings settings;
  private final FrpServer server;
  private final List<Tunnel> own;
  private final TunnelPolicy policy;
  private final WorkerExecutor blocking;
  private final PlanKeeper keeper;
  private final Relays relays;
  private final FrpcSupervisor supervisor;
  private final TunnelNews news;
  private final List<Long> timers = new ArrayList<>();
  private TunnelPlan plan;

  /** What of the plan this node does not do. */
  private List<Refused> refused = List.of();

  private boolean synced;
  private boolean syncing;
  private boolean again;
  private long nextQuestion = -1;
  private boolean stopped;

  /** Whether the settings ask for it. */
  public static boolean isWanted(Settings settings) {
    return settings.find(TunnelSettings.FRP_SERVER).isPresent();
  }

  /**
   * @throws StartRefused when the settings cannot be used
   */
  public TunnelFeature(NodeContext node) {
    this.node = node;
    this.settings = node.settings();
    try {
      this.server =
          FrpServer.of(
              settings.get(TunnelSettings.FRP_SERVER),
              settings.get(TunnelSettings.FRP_SERVER_PORT),
              settings.find(TunnelSettings.FRP_TOKEN).orElse(null),
              settings.find(TunnelSettings.FRP_CA).map(Path::toAbsolutePath).orElse(null));
      this.own = OwnTunnels.parse(settings.get(TunnelSettings.TUNNELS));
    } catch (IllegalArgumentException e) {
      throw new StartRefused(e.getMessage(), e);
    }
    this.policy =
        new TunnelPolicy(
            own,
            settings.get(TunnelSettings.TUNNELS_FROM_HUB),
            settings.get(TunnelSettings.TUNNEL_TARGETS));
    this.blocking = node.vertx().createSharedWorkerExecutor("muster-tunnels", 2);
    this.plan = new TunnelPlan(server.name(), List.of(), List.of());
    Path folder = settings.folder(Catalogue.DATA_DIR).resolve("tunnels");
    this.keeper = new PlanKeeper(blocking, folder, server.name());
    this.relays = new Relays(node.vertx(), settings.get(TunnelSettings.TUNNEL_COUNT_TRAFFIC));
    this.supervisor =
        new FrpcSupervisor(
            new FrpcProgram(
                node.vertx(),
                blocking,
                settings.get(TunnelSettings.FRPC_PATH),
                folder,
                server,
                node.nodeId()),
            new FrpcSupervisor.Options(
                settings.get(TunnelSettings.TUNNEL_HANG_MS),
                settings.get(TunnelSettings.TUNNEL_RESTART_MS),
                settings.get(TunnelSettings.TUNNEL_RESTART_MAX_MS),
                settings.get(TunnelSettings.TUNNEL_STABLE_MS)),
            System::nanoTime,
            () -> ThreadLocalRandom.current().nextDouble(),
            (ms, action) -> node.vertx().setTimer(ms, id -> action.run()),
            this::tell);
    this.news = new TunnelNews(node.events(), node.nodeId());
  }

  @Override
  public String name() {
    return "tunnels";
  }

  @Override
  public Future<Void> start() {
    every(settings.get(TunnelSettings.TUNNEL_CHECK_MS), supervisor::tick);
    int trafficMs = settings.get(TunnelSettings.TUNNEL_TRAFFIC_EVENT_MS);
    if (trafficMs > 0) {
      every(trafficMs, () -> news.traffic(report()));
    }
    return keeper
        .load()
        .onSuccess(
            kept -> {
              kept.ifPresent(this::apply);
              sync();
            })
        .mapEmpty();
  }

  private void every(long ms, Runnable action) {
    timers.add(node.vertx().setPeriodic(ms, id -> action.run()));
  }

  @Override
  public Future<Void> stop() {
    stopped = true;
    timers.forEach(node.vertx()::cancelTimer);
    node.vertx().cancelTimer(nextQuestion);
    return supervisor.close().onComplete(v -> relays.closeAll()).eventually(blocking::close);
  }

  @Override
  public Inbox inbox() {
    return new Inbox().serve(TunnelMessage.class, this::take);
  }

  private Future<? extends Record> take(TunnelMessage message) {
    if (message instanceof TunnelPlan next) {
      if (!server.name().equals(next.server())) {
        throw Fault.of(
                Failure.BAD_REQUEST,
                "the plan is for %s, this node uses %s".formatted(next.server(), server.name()))
            .asException();
      }
      synced = true;
      take(next);
      return Future.succeededFuture(Ack.OK);
    }
    if (message instanceof TunnelMessage.TunnelsChanged) {
      sync();
      return Future.succeededFuture(Ack.OK);
    }
    if (message instanceof TunnelMessage.ShowTunnels) {
      return Future.succeededFuture(report());
    }
    throw Fault.of(Failure.BAD_REQUEST, "a node does not take this").asException();
  }

  /** Asks to be told the plan, at once or as soon as the question before is answered. */
  private void sync() {
    if (stopped) {
      return;
    }
    if (syncing) {
      again = true;
      return;
    }
    syncing = true;
    again = false;
    node.vertx().cancelTimer(nextQuestion);
    node.bus()
        .<Ack>ask(
            Addresses.TUNNELS,
            new TunnelMessage.SyncTunnels(node.nodeId(), server.name(), own),
            SYNC_TIMEOUT)
        .onComplete(
            answer -> {
              syncing = false;
              if (answer.failed()) {
                log.debug("no hub told its plan of tunnels: {}", answer.cause().getMessage());
              }
              if (again) {
                sync();
              } else if (!stopped) {
                nextQuestion = node.vertx().setTimer(pauseMs(answer), id -> sync());
              }
            });
  }

  private long pauseMs(AsyncResult<Ack> answer) {
    long usual = settings.get(TunnelSettings.TUNNEL_SYNC_MS);
    // While there is no hub yet, it is not to take a whole round until there is one.
    boolean soon =
        !synced && answer.failed() && Fault.from(answer.cause()).failure() == Failure.UNREACHABLE;
    return soon ? Math.min(FIRST_SYNC_MS, usual) : usual;
  }

  private void take(TunnelPlan next) {
    if (!next.equals(plan)) {
      keeper.keep(next);
      apply(next);
    }
  }

  private void apply(TunnelPlan next) {
    plan = next;
    List<Refused> not = new ArrayList<>();
    List<Tunnel> wanted = new ArrayList<>();
    for (Planned planned : next.tunnels()) {
      String refusal = policy.refusal(planned);
      if (refusal == null) {
        wanted.add(planned.tunnel());
      } else {
        not.add(new Refused(planned.tunnel().name(), refusal));
      }
    }
    refused = List.copyOf(not);
    Stream.concat(refused.stream(), next.refused().stream())
        .forEach(one -> log.warn("tunnel {} is not opened: {}", one.name(), one.reason()));
    relays
        .through(wanted)
        .onSuccess(
            behind -> {
              if (!stopped && plan.equals(next)) {
                supervisor.want(behind);
                tell();
              }
            });
  }

  private void tell() {
    if (!stopped) {
      news.changed(report());
    }
  }

  TunnelReport report() {
    return TunnelStates.report(plan, refused, server.name(), supervisor, relays);
  }

  @Override
  public List<HealthCheck> health() {
    return List.of(HealthCheck.of("tunnels", this::finding));
  }

  private Finding finding() {
    return TunnelStates.finding(report(), synced, supervisor.refusal());
  }

  @Override
  public JsonObject info() {
    JsonObject info = TunnelStates.json(report());
    info.put("restarts", supervisor.restarts()).put("hub_asked", synced);
    return supervisor.refusal() == null ? info : info.put("refused_by_frpc", supervisor.refusal());
  }
}
