package io.muster.worker.feature;

import io.micrometer.core.instrument.MeterRegistry;
import io.muster.bus.Bus;
import io.muster.event.Events;
import io.muster.metric.Sample;
import io.muster.runtime.settings.Settings;
import io.muster.worker.llm.FleetModels;
import io.muster.worker.ops.WorkerStatus;
import io.muster.worker.task.Tools;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the parts of one worker's process have in common. All of it is used on the event loop.
 *
 * @param tools where a part offers its tools
 * @param status what the worker does now
 * @param sample the machine's last figures, empty until the first were taken
 * @param changed is run when what the worker registers with is other than before
 * @param events says to the fleet what has happened
 * @param models of the whole fleet, called through a hub
 */
public record NodeContext(
    Vertx vertx,
    Bus bus,
    Settings settings,
    String nodeId,
    Tools tools,
    WorkerStatus status,
    Supplier<Optional<Sample>> sample,
    MeterRegistry meters,
    Runnable changed,
    Events events,
    FleetModels models,
    Clock clock) {}
