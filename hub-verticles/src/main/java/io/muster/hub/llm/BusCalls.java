package io.muster.hub.llm;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.hub.quota.Principal;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.llm.LlmMessage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Models that Muster's own nodes call over the bus, or over the relay of a socket: admitted by the
 * node's quota and dispatched as an {@code llm_request} of a socket is. Used on the hub's event
 * loop.
 */
public final class BusCalls {
  private static final Logger log = LoggerFactory.getLogger(BusCalls.class);
  private static final int PRIORITY = 5;

  /** How often a node hears that its calls are worked on, however long a model thinks. */
  private static final long ALIVE_MS = 5_000;

  private final String hubId;
  private final Bus bus;
  private final LlmProxy proxy;
  private final Map<Key, BusCall> calls = new HashMap<>();

  private final Map<Process, List<Frame>> leaving = new LinkedHashMap<>();

  /** A call of one process of a node. */
  record Key(String nodeId, String instance, long ticket) {}

  /** Whose calls are answered in one message. */
  private record Process(String nodeId, String instance) {}

  /**
   * @param proxy by whose limits and quotas nodes call
   */
  public BusCalls(String hubId, Bus bus, LlmProxy proxy) {
    this.hubId = hubId;
    this.bus = bus;
    this.proxy = proxy;
  }

  /**
   * Takes calls from now on.
   *
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public Future<?> start(Consumer<Registration> watchdog) {
    bus.vertx()
        .setPeriodic(
            ALIVE_MS, id -> calls.keySet().forEach(k -> send(k, new Frame.Started(k.ticket()))));
    return bus.open(
            Addresses.LLM,
            new Inbox()
                .serve(LlmMessage.ModelCall.class, this::request)
                .serve(LlmMessage.ListFleet.class, this::list))
        .onSuccess(watchdog::accept);
  }

  /** What it takes at this hub's own address. */
  public Inbox inbox() {
    return new Inbox().listen(LlmMessage.class, this::receive);
  }

  /** Nobody waits for the node's calls any more: what they take ends, down to the provider. */
  public void nodeLost(String nodeId) {
    for (BusCall call : List.copyOf(calls.values())) {
      if (call.key().nodeId().equals(nodeId)) {
        call.gone("the node is gone");
      }
    }
  }

  /** Calls that run. */
  public int running() {
    return calls.size();
  }

  private Future<LlmMessage.CallTaken> request(LlmMessage.ModelCall request) {
    Job asked = request.job();
    if (request.nodeId() == null
        || request.instance() == null
        || asked == null
        || asked.body() == null) {
      throw new FaultException(Failure.BAD_REQUEST, "half of the request is missing");
    }
    Key key = new Key(request.nodeId(), request.instance(), request.ticket());
    if (calls.containsKey(key)) {
      throw new FaultException(
          Failure.CONFLICT,
          "the ticket " + key.ticket() + " is under way: give each one of its own");
    }
    long running = calls.keySet().stream().filter(k -> k.nodeId().equals(key.nodeId())).count();
    if (running >= proxy.options().maxPerNode()) {
      throw Fault.of(
              Failure.RATE_LIMITED,
              "%d requests of this node run, which is its limit (LLM_MAX_REQUESTS_PER_NODE)."
                  .formatted(running),
              1000)
          .asException();
    }
    Job job = job(asked);
    BusCall call = new BusCall(this, proxy, key, job);
    calls.put(key, call);
    proxy
        .admission()
        .admit(Principal.node(key.nodeId()), job)
        .onComplete(call::begin, call::refused);
    return Future.succeededFuture(new LlmMessage.CallTaken(hubId));
  }

  private Future<LlmMessage.FleetList> list(LlmMessage.ListFleet question) {
    return Future.succeededFuture(
        new LlmMessage.FleetList(
            proxy.catalogue().models(), proxy.catalogue().defaultModel().orElse(null)));
  }

  private Job job(Job asked) {
    String id = "llm_" + UUID.randomUUID();
    long limit = proxy.options().timeoutMs();
    return new Job(
        id,
        asked.requestId() == null ? id : asked.requestId(),
        asked.kind() == null ? Job.Kind.CHAT : asked.kind(),
        LlmRequest.model(asked.model(), proxy.catalogue()),
        asked.stream(),
        null,
        PRIORITY,
        asked.timeoutMs() <= 0 ? limit : Math.min(limit, asked.timeoutMs()),
        asked.body());
  }

  private void receive(LlmMessage message) {
    if (message instanceof LlmMessage.CallCredit credit) {
      BusCall call = calls.get(new Key(credit.nodeId(), credit.instance(), credit.ticket()));
      if (call != null) {
        call.grant(credit.frames());
      }
    } else if (message instanceof LlmMessage.CallOff cancel) {
      BusCall call = calls.get(new Key(cancel.nodeId(), cancel.instance(), cancel.ticket()));
      if (call != null) {
        call.gone(cancel.reason());
      }
    }
  }

  void over(BusCall call) {
    calls.remove(call.key(), call);
  }

  /** What one turn of the event loop brings for a node leaves as one message. */
  void send(Key key, Frame frame) {
    if (leaving.isEmpty()) {
      bus.vertx().runOnContext(v -> flush());
    }
    leaving
        .computeIfAbsent(new Process(key.nodeId(), key.instance()), p -> new ArrayList<>())
        .add(frame);
  }

  private void flush() {
    Map<Process, List<Frame>> ready = new LinkedHashMap<>(leaving);
    leaving.clear();
    ready.forEach(
        (to, frames) ->
            bus.tell(
                    Addresses.node(to.nodeId()),
                    new LlmMessage.CallPieces(hubId, to.instance(), frames))
                .onFailure(
                    cause -> {
                      log.debug("node {} is not answered: {}", to.nodeId(), cause.getMessage());
                      nodeLost(to.nodeId());
                    }));
  }
}
