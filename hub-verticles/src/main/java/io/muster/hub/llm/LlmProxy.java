package io.muster.hub.llm;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.bus.Inbox;
import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.gateway.NodeSession;
import io.muster.hub.gateway.SocketFeature;
import io.muster.hub.http.Admission;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ModelCatalogue;
import io.muster.hub.quota.Principal;
import io.muster.job.Job;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Lets nodes call models through the hub: an {@code llm_request} is admitted by the node's quota,
 * dispatched like any other job, and answered over the node's socket. Used on the hub's event loop.
 */
public final class LlmProxy implements SocketFeature {
  private static final Pattern REQUEST_ID = Pattern.compile("[!-~]{1,128}");

  /**
   * What the settings say.
   *
   * @param maxPerNode requests of one node that run at once
   * @param keepAliveMs milliseconds of silence after which a stream gets an empty piece; 0 for
   *     never
   * @param chunkEventMs of a stream's pieces one event in so many milliseconds; 0 for none
   * @param timeoutMs from a request to its deadline
   */
  public record Options(int maxPerNode, long keepAliveMs, long chunkEventMs, long timeoutMs) {}

  private final Options options;
  private final Admission admission;
  private final Dispatch dispatch;
  private final ModelCatalogue catalogue;
  private final BiConsumer<String, Map<String, Object>> emit;
  private final LongSupplier nanoTime;
  private final Clock clock;
  private final Map<NodeSession, Map<String, LlmCall>> running = new IdentityHashMap<>();

  /**
   * @param emit an event of a type with its data
   */
  public LlmProxy(
      Options options,
      Admission admission,
      Dispatch dispatch,
      ModelCatalogue catalogue,
      BiConsumer<String, Map<String, Object>> emit,
      LongSupplier nanoTime,
      Clock clock) {
    this.options = options;
    this.admission = admission;
    this.dispatch = dispatch;
    this.catalogue = catalogue;
    this.emit = emit;
    this.nanoTime = nanoTime;
    this.clock = clock;
  }

  /** Begins to keep silent streams alive. */
  public LlmProxy start(Vertx vertx) {
    if (options.keepAliveMs() > 0) {
      vertx.setPeriodic(Math.max(10, options.keepAliveMs() / 5), id -> sweep());
    }
    return this;
  }

  @Override
  public Map<String, BiConsumer<NodeSession, JsonObject>> frames() {
    return Map.of("llm_request", this::request, "llm_cancel", this::cancel);
  }

  @Override
  public Inbox inbox(NodeSession session) {
    return new Inbox();
  }

  private void request(NodeSession session, JsonObject data) {
    String requestId = requestId(data);
    Object nodeId = data.getValue("nodeId");
    if (nodeId != null && !nodeId.equals(session.nodeId())) {
      throw ApiErrors.invalid(
          "nodeId",
          "'nodeId' is '%s', but this connection is '%s'.".formatted(nodeId, session.nodeId()));
    }
    Map<String, LlmCall> calls = calls(session);
    if (calls.containsKey(requestId)) {
      // Not as an llm_response: that would be taken for the end of the first one.
      throw ApiErrors.of(
          409,
          "duplicate_request",
          "'requestId' is '%s', which is under way: each needs one of its own."
              .formatted(requestId));
    }
    LlmFrames frames = new LlmFrames(requestId, session.nodeId());
    Job job;
    try {
      if (calls.size() >= options.maxPerNode()) {
        throw Fault.of(
                Failure.RATE_LIMITED,
                "%d requests of this node run, which is its limit (LLM_MAX_REQUESTS_PER_NODE)."
                    .formatted(options.maxPerNode()),
                1000)
            .asException();
      }
      job = LlmRequest.job(data, requestId, catalogue, options.timeoutMs());
    } catch (FaultException wrong) {
      var unused = session.send(LlmFrames.RESPONSE, frames.failure(LlmFrames.error(wrong)));
      return;
    }
    LlmCall call =
        new LlmCall(
            this,
            session,
            requestId,
            job.stream(),
            events(requestId, session.nodeId()),
            nanoTime.getAsLong());
    calls.put(requestId, call);
    admission
        .admit(Principal.node(session.nodeId()), job)
        .onComplete(permit -> call.begin(permit, job), call::end);
  }

  private Map<String, LlmCall> calls(NodeSession session) {
    Map<String, LlmCall> calls = running.get(session);
    if (calls == null) {
      calls = new LinkedHashMap<>();
      running.put(session, calls);
      session.whenGone(() -> gone(session));
    }
    return calls;
  }

  private void gone(NodeSession session) {
    Map<String, LlmCall> calls = running.remove(session);
    if (calls != null) {
      List.copyOf(calls.values()).forEach(LlmCall::gone);
    }
  }

  private void cancel(NodeSession session, JsonObject data) {
    LlmCall call = running.getOrDefault(session, Map.of()).get(requestId(data));
    // One that has just been answered is none any more.
    if (call != null) {
      call.end(Fault.of(Failure.CANCELLED, "The node cancelled it.").asException());
    }
  }

  private static String requestId(JsonObject data) {
    if (data.getValue("requestId") instanceof String id && REQUEST_ID.matcher(id).matches()) {
      return id;
    }
    throw ApiErrors.invalid(
        "requestId",
        "'requestId' has to be a string of 1 to 128 printable ASCII characters without spaces.");
  }

  void over(NodeSession session, LlmCall call) {
    Map<String, LlmCall> calls = running.get(session);
    if (calls != null) {
      calls.remove(call.requestId(), call);
    }
  }

  /** Requests that run, of all nodes. */
  public int running() {
    return running.values().stream().mapToInt(Map::size).sum();
  }

  void sweep() {
    long now = nanoTime.getAsLong();
    long after = options.keepAliveMs() * 1_000_000;
    for (Map<String, LlmCall> calls : List.copyOf(running.values())) {
      List.copyOf(calls.values()).forEach(call -> call.keepAlive(now, after));
    }
  }

  Options options() {
    return options;
  }

  ModelCatalogue catalogue() {
    return catalogue;
  }

  Admission admission() {
    return admission;
  }

  LlmEvents events(String requestId, String nodeId) {
    return new LlmEvents(emit, requestId, nodeId, options.chunkEventMs(), nanoTime.getAsLong());
  }

  Dispatch dispatch() {
    return dispatch;
  }

  long nanos() {
    return nanoTime.getAsLong();
  }

  long millis() {
    return clock.millis();
  }
}
