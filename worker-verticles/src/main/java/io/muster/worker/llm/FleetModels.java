package io.muster.worker.llm;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.Inbox;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.llm.LlmMessage;
import io.muster.worker.provider.Answer;
import io.muster.worker.provider.ProviderCall;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The models of the whole fleet, for what runs on this worker: a hub admits each call by this
 * node's quota and finds a node that serves the model. Called like one of this worker's own
 * providers. Used on one event loop.
 */
public final class FleetModels {
  private static final long SWEEP_MS = 250;
  private static final long MS = 1_000_000;

  /** A hub says at once that it has a call, or no hub is there. */
  private static final Duration TAKEN_WITHIN = Duration.ofSeconds(5);

  private final String nodeId;
  private final Supplier<String> instance;
  private final Bus bus;
  private final LongSupplier nanoTime;
  private final Map<Long, FleetCall> calls = new HashMap<>();
  private long lastTicket;

  /**
   * @param instance this node's process
   * @param nanoTime a monotonic clock
   */
  public FleetModels(String nodeId, Supplier<String> instance, Bus bus, LongSupplier nanoTime) {
    this.nodeId = nodeId;
    this.instance = instance;
    this.bus = bus;
    this.nanoTime = nanoTime;
  }

  /** Whose event loop calls are made on. */
  public Vertx vertx() {
    return bus.vertx();
  }

  /** Ends from now on what takes too long. */
  public FleetModels start() {
    bus.vertx().setPeriodic(SWEEP_MS, id -> sweep());
    return this;
  }

  /**
   * Calls a model through a hub; returns at once.
   *
   * @param job its {@code requestId}, {@code model} (null for the hub's default), {@code stream},
   *     {@code timeoutMs} and {@code body} count
   * @param answer is told what comes back, on the same event loop, never before this has returned:
   *     {@link Failure#RATE_LIMITED} when this node's quota is used up, {@link Failure#UNREACHABLE}
   *     when no hub is there
   */
  public ProviderCall call(Job job, Answer answer) {
    long ticket = ++lastTicket;
    FleetCall call = new FleetCall(this, ticket, job, answer, nanoTime.getAsLong());
    calls.put(ticket, call);
    bus.<LlmMessage.CallTaken>ask(
            Addresses.LLM,
            new LlmMessage.ModelCall(nodeId, instance.get(), ticket, job),
            TAKEN_WITHIN)
        .onComplete(taken -> call.takenBy(taken.hubId()), cause -> call.failed(Fault.from(cause)));
    return call;
  }

  /** Asks a hub which models there are. */
  public Future<LlmMessage.FleetList> list() {
    return bus.ask(Addresses.LLM, new LlmMessage.ListFleet(nodeId), TAKEN_WITHIN);
  }

  /** What this takes at the node's address. */
  public Inbox inbox() {
    return new Inbox().listen(LlmMessage.class, this::receive);
  }

  /** This hub's process is gone: what it was working on fails. */
  public void hubGone(String hubId) {
    fail(call -> hubId.equals(call.hubId()), "hub " + hubId + " is gone");
  }

  /** No hub can be reached any more: everything fails. */
  public void cutOff(String why) {
    fail(call -> true, why);
  }

  /** Calls that have not ended. */
  public int running() {
    return calls.size();
  }

  private void fail(Predicate<FleetCall> which, String why) {
    for (FleetCall call : List.copyOf(calls.values())) {
      if (which.test(call)) {
        call.failed(Fault.of(Failure.NODE_LOST, why));
      }
    }
  }

  void sweep() {
    long now = nanoTime.getAsLong();
    for (FleetCall call : List.copyOf(calls.values())) {
      call.check(now);
    }
  }

  private void receive(LlmMessage message) {
    if (!(message instanceof LlmMessage.CallPieces pieces)
        || !pieces.instance().equals(instance.get())) {
      return; // For the process that was here before.
    }
    for (Frame frame : pieces.frames()) {
      FleetCall call = calls.get(frame.ticket());
      if (call != null) {
        call.receive(pieces.hubId(), frame);
      } else if (frame instanceof Frame.Started || frame instanceof Frame.Delta) {
        // It was given up before the hub had said that it has it.
        cancel(pieces.hubId(), frame.ticket(), "nobody waits for it");
      }
    }
  }

  void over(long ticket) {
    calls.remove(ticket);
  }

  /** A message that is lost costs no more than the call's deadline. */
  void grant(String hubId, long ticket, int frames) {
    bus.tell(
        Addresses.frames(hubId), new LlmMessage.CallCredit(nodeId, instance.get(), ticket, frames));
  }

  void cancel(String hubId, long ticket, String reason) {
    bus.tell(
        Addresses.frames(hubId), new LlmMessage.CallOff(nodeId, instance.get(), ticket, reason));
  }

  long now() {
    return nanoTime.getAsLong();
  }

  long elapsedMs(long since, long now) {
    return (now - since) / MS;
  }
}
