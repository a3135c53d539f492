package io.muster.hub;

import io.muster.bus.Addresses;
import io.muster.bus.Registration;
import io.muster.hub.dispatch.Balancer;
import io.muster.hub.dispatch.DispatchVerticle;
import io.muster.hub.dispatch.Dispatcher;
import io.muster.hub.dispatch.JobObserver;
import io.muster.hub.dispatch.JobPost;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.Admission;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.llm.BusCalls;
import io.muster.hub.llm.LlmProxy;
import io.muster.hub.node.NodeRegistry;
import io.muster.hub.node.RemoteNode;
import io.muster.job.JobMessage;
import io.muster.runtime.settings.Catalogue;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/** How requests get to nodes: those of clients, and those that nodes have themselves. */
final class Dispatching implements Dispatcher.Outside {
  private static final long IDLE_LOOK_MS = 50;
  private static final int IDLE_LOOKS = 3;

  private final HubContext hub;
  private final Vertx vertx;
  private final JobPost post;
  private final Dispatcher dispatcher;
  private LlmProxy llm;
  private BusCalls calls;

  Dispatching(HubContext hub, NodeRegistry registry, JobObserver metrics) {
    this.hub = hub;
    this.vertx = hub.vertx();
    this.post =
        new JobPost(
            (nodeId, message) -> hub.bus().tell(Addresses.node(nodeId), message),
            flush -> vertx.getOrCreateContext().runOnContext(v -> flush.run()));
    this.dispatcher =
        new Dispatcher(
            hub.hubId(),
            hub.config().dispatcher(),
            registry,
            Balancer.of(
                hub.settings().get(Catalogue.LOAD_BALANCE_STRATEGY),
                bound -> ThreadLocalRandom.current().nextInt(bound)),
            this,
            metrics,
            System::nanoTime);
  }

  /** Makes what nodes call models through; before any node is heard. */
  void forNodes(Admission admission, ModelCatalogue models) {
    llm =
        new LlmProxy(
                hub.config().llm(),
                admission,
                dispatcher,
                models,
                hub.events()::emit,
                System::nanoTime,
                hub.clock())
            .start(vertx);
    calls = new BusCalls(hub.hubId(), hub.bus(), llm);
  }

  /** Hears what nodes say of their jobs from now on. */
  Future<?> start(Consumer<Registration> watch) {
    return vertx.deployVerticle(
        new DispatchVerticle(hub.hubId(), hub.bus(), dispatcher, calls.inbox(), watch));
  }

  /** Takes nodes' own calls over the bus from now on. */
  Future<?> startCalls(Consumer<Registration> watch) {
    return calls.start(watch);
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  /** Nodes' own calls over a socket. */
  SocketFeature socket() {
    return llm;
  }

  int queued() {
    return dispatcher.queued();
  }

  void nodeLost(RemoteNode node, String why) {
    dispatcher.nodeLost(node, why);
    if (calls != null) {
      calls.nodeLost(node.id());
    }
  }

  /** A node can take more than before. */
  void nodeAvailable() {
    dispatcher.drainQueue();
  }

  /** When no job waits or runs any more, or it has taken too long. */
  Future<Void> onceIdle(Duration limit) {
    Promise<Void> idle = Promise.promise();
    long deadline = System.nanoTime() + limit.toNanos();
    int[] idleLooks = {0};
    vertx.setPeriodic(
        IDLE_LOOK_MS,
        id -> {
          // A request whose body is still coming is no job yet: hence more than one look.
          idleLooks[0] = dispatcher.running() + dispatcher.queued() == 0 ? idleLooks[0] + 1 : 0;
          if (idleLooks[0] == IDLE_LOOKS || System.nanoTime() - deadline > 0) {
            vertx.cancelTimer(id);
            idle.complete();
          }
        });
    return idle.future();
  }

  @Override
  public void send(String nodeId, JobMessage message, Runnable undelivered) {
    post.send(nodeId, message, undelivered);
  }

  @Override
  public void later(long ms, Runnable action) {
    vertx.setTimer(ms, id -> action.run());
  }
}
