package io.muster.hub.http;

import io.muster.hub.dispatch.Dispatch;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.quota.Demand;
import io.muster.hub.quota.Estimate;
import io.muster.hub.quota.Hold;
import io.muster.hub.quota.Limits;
import io.muster.hub.quota.Metered;
import io.muster.hub.quota.QuotaGate;
import io.muster.hub.quota.Standing;
import io.muster.job.Job;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A place in the hub for one job, and what its caller's quota gives for it. Both are given back
 * exactly once, however the request ends.
 *
 * <pre>
 *   placed ──▶ reserved ──▶ released     (a caller without a quota skips the middle)
 * </pre>
 */
public final class Permit implements ToolDesk.Rounds {
  private final Admission admission;
  private final QuotaGate quotas;
  private final Caller caller;
  private final boolean stream;
  private Estimate estimate = Estimate.NONE;
  private Hold hold;
  private Metered meter;
  private Runnable whenLost;
  private boolean released;

  /** Of what further jobs of the same request need. */
  private final List<Further> further = new ArrayList<>(0);

  private record Further(Hold hold, long promptTokens, Metered[] meter) {
    void settle() {
      hold.settle(meter[0] == null ? 0 : meter[0].tokens());
    }
  }

  Permit(Admission admission, QuotaGate quotas, Caller caller, boolean stream) {
    this.admission = admission;
    this.quotas = quotas;
    this.caller = caller;
    this.stream = stream;
  }

  /**
   * Takes what the job needs from its caller's quota; where the caller has none, this does nothing.
   *
   * @return fails with {@link io.muster.hub.quota.QuotaExceeded}; the permit is then still to be
   *     released
   */
  Future<Permit> reserve(Job job) {
    Limits limits = quotas.limits(caller.principal());
    if (limits.unlimited()) {
      return Future.succeededFuture(this);
    }
    return estimate(limits, job.body())
        .compose(
            counted -> {
              estimate = counted;
              return quotas.reserve(
                  caller.principal(),
                  limits,
                  new Demand(counted.tokens(), stream),
                  job.requestId());
            })
        .map(
            taken -> {
              keep(taken);
              return this;
            });
  }

  private Future<Estimate> estimate(Limits limits, byte[] body) {
    if (!limits.countsTokens()) {
      return Future.succeededFuture(Estimate.NONE);
    }
    long answer = quotas.answerTokens();
    return body.length > OpenAiApi.OFF_LOOP_BYTES && Vertx.currentContext() != null
        ? Vertx.currentContext().executeBlocking(() -> Estimate.of(body, answer), false)
        : Future.succeededFuture(Estimate.of(body, answer));
  }

  private void keep(Hold taken) {
    if (released) {
      taken.settle(0);
      return;
    }
    hold = taken;
    watch(hold);
  }

  private void watch(Hold taken) {
    taken.whenLost(
        () -> {
          if (!released && whenLost != null) {
            whenLost.run();
          }
        });
  }

  @Override
  public Future<UnaryOperator<JobListener>> another(Job job) {
    Limits limits = quotas.limits(caller.principal());
    if (limits.unlimited()) {
      return Future.succeededFuture(listener -> listener);
    }
    return estimate(limits, job.body())
        .compose(
            counted ->
                quotas
                    .reserve(
                        caller.principal(),
                        limits,
                        // Its stream is the first job's.
                        new Demand(counted.tokens(), false),
                        job.requestId())
                    .map(taken -> count(new Further(taken, counted.prompt(), new Metered[1]))));
  }

  private UnaryOperator<JobListener> count(Further taken) {
    if (released) {
      taken.settle();
    } else {
      further.add(taken);
      watch(taken.hold());
    }
    return listener -> {
      taken.meter()[0] = new Metered(listener, taken.promptTokens());
      return taken.meter()[0];
    };
  }

  /** What the caller has left; null for one without a quota. */
  Standing standing() {
    return hold == null ? null : hold.standing();
  }

  /** Is run when what was reserved is no longer this hub's. */
  public void whenLost(Runnable action) {
    whenLost = action;
  }

  /** Counts what every job takes that is submitted through it. */
  Dispatch metered(Dispatch dispatch) {
    return (job, listener) -> dispatch.submit(job, metering(listener));
  }

  /** The same listener, or one that also counts what the job takes. */
  @Override
  public JobListener metering(JobListener listener) {
    if (hold == null) {
      return listener;
    }
    meter = new Metered(listener, estimate.prompt());
    return meter;
  }

  /** Gives everything back but the tokens that were used; harmless when that was done. */
  public void release() {
    if (!released) {
      released = true;
      admission.leave(stream);
      if (hold != null) {
        hold.settle(meter == null ? 0 : meter.tokens());
      }
      further.forEach(Further::settle);
    }
  }
}
