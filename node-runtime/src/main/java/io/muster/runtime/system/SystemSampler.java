package io.muster.runtime.system;

import io.muster.metric.Sample;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a {@link Sample} of the machine and the process at every interval, on a thread of its own.
 * Nothing is done before the first interval is over, so that it costs the start nothing.
 */
public final class SystemSampler {
  private static final Logger log = LoggerFactory.getLogger(SystemSampler.class);

  private final Vertx vertx;
  private final Path dataDir;
  private final Clock clock;
  private final Duration interval;
  private final WorkerExecutor worker;
  private final long timer;
  private Machine machine;
  private boolean busy;
  private UnaryOperator<Sample> complete = UnaryOperator.identity();
  private volatile Sample latest;

  private SystemSampler(
      Vertx vertx, Path dataDir, Clock clock, Duration interval, Consumer<Sample> listener) {
    this.vertx = vertx;
    this.dataDir = dataDir;
    this.clock = clock;
    this.interval = interval;
    this.worker = vertx.createSharedWorkerExecutor("system-sampler", 1);
    this.timer = vertx.setPeriodic(interval.toMillis(), id -> sample(listener));
  }

  /**
   * Begins to sample.
   *
   * @param dataDir the file system whose space is told is the one of this folder
   * @param interval METRICS_INTERVAL_MS
   * @param listener gets every sample, on the current Vert.x context
   */
  public static SystemSampler start(
      Vertx vertx, Path dataDir, Clock clock, Duration interval, Consumer<Sample> listener) {
    return new SystemSampler(vertx, dataDir, clock, interval, listener);
  }

  /** From now on samples are completed by this, with GPUs and alarms; asked on the event loop. */
  public void completedBy(UnaryOperator<Sample> completion) {
    complete = completion;
  }

  /** The last sample; empty until the first one is taken. */
  public Optional<Sample> latest() {
    return Optional.ofNullable(latest);
  }

  /** Stops sampling. */
  public void close() {
    vertx.cancelTimer(timer);
    worker.close();
  }

  private void sample(Consumer<Sample> listener) {
    if (busy) {
      return; // A machine under stress answers late; there is no use in asking twice.
    }
    busy = true;
    worker
        .executeBlocking(this::read)
        .onComplete(
            sample -> {
              busy = false;
              latest = complete.apply(sample);
              listener.accept(latest);
            },
            cause -> {
              busy = false;
              log.warn("No figures of this machine, trying again in {}", interval, cause);
            });
  }

  private Sample read() {
    if (machine == null) {
      machine = new Machine(dataDir, clock);
    }
    return machine.read();
  }
}
