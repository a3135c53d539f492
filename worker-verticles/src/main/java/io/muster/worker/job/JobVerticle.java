package io.muster.worker.job;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Inbox;
import io.muster.bus.Registration;
import io.muster.job.JobBatch;
import io.muster.job.JobMessage;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Consumer;

/** Serves this node's address: jobs, cancels and credit from every hub, and what else it takes. */
public final class JobVerticle extends VerticleBase {
  private static final long SWEEP_MS = 50;

  private final String nodeId;
  private final Bus bus;
  private final Jobs jobs;
  private final Inbox inbox;
  private final Consumer<Registration> watchdog;

  /**
   * @param inbox takes all that is sent to this node but jobs
   * @param watchdog watches the registration, so that a lost one is made anew
   */
  public JobVerticle(
      String nodeId, Bus bus, Jobs jobs, Inbox inbox, Consumer<Registration> watchdog) {
    this.nodeId = nodeId;
    this.bus = bus;
    this.jobs = jobs;
    this.inbox = inbox;
    this.watchdog = watchdog;
  }

  @Override
  public Future<?> start() {
    vertx.setPeriodic(SWEEP_MS, id -> jobs.sweep());
    Inbox all =
        new Inbox()
            .<JobMessage>listen(JobMessage.class, jobs::receive)
            .<JobBatch>listen(JobBatch.class, jobs::receive)
            .otherwise(inbox);
    return bus.open(Addresses.node(nodeId), all).onSuccess(watchdog::accept);
  }
}
