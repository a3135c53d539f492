package io.muster.runtime.metric;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.muster.metric.Sample;
import io.muster.runtime.health.LoopLag;
import io.muster.runtime.ops.BuildInfo;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The meters of a process and its machine: Java's memory, collections and threads, the event loop,
 * and what the last {@link Sample} says. A figure that the machine does not tell is {@code NaN}.
 */
public final class ProcessMeters implements AutoCloseable {
  private final MeterRegistry registry;
  private final Supplier<Sample> sample;
  private final JvmGcMetrics collections = new JvmGcMetrics();

  /**
   * @param sample the last one, null until the first was taken; asked on any thread
   */
  public ProcessMeters(
      MeterRegistry registry, BuildInfo build, Supplier<Sample> sample, LoopLag lag) {
    this.registry = registry;
    this.sample = sample;
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
    Gauge.builder("muster.build.info", () -> 1)
        .description("Always 1; its labels say what runs")
        .tag("version", build.version())
        .tag("commit", build.commit() == null ? "" : build.commit())
        .tag("java", System.getProperty("java.version"))
        .register(registry);
    gauge(
        "muster.event.loop.lag.seconds",
        "How late the event loop came to its work, at most in the last 10 s",
        () -> lag.worstNanos() / 1e9);
    machine();
  }

  private void machine() {
    sampled(
        "process.cpu.ratio", "Share of all processors that the process uses", Sample::processCpu);
    sampled(
        "process.resident.memory.bytes",
        "Memory that the process occupies",
        s -> (double) s.processResident());
    sampled("muster.machine.cpu.ratio", "Share of all processors in use", Sample::cpu);
    sampled("muster.machine.load1", "Load average over a minute", Sample::load);
    sampled("muster.machine.memory.size.bytes", "Memory", s -> (double) s.memoryTotal());
    sampled(
        "muster.machine.memory.used.bytes",
        "Memory that is not available to programs",
        s -> (double) s.memoryUsed());
    sampled("muster.machine.swap.size.bytes", "Swap space", s -> (double) s.swapTotal());
    sampled("muster.machine.swap.used.bytes", "Swap space in use", s -> (double) s.swapUsed());
    sampled(
        "muster.machine.disk.size.bytes", "File system with the data", s -> (double) s.diskTotal());
    sampled(
        "muster.machine.disk.free.bytes",
        "File system with the data: usable space",
        s -> (double) s.diskFree());
    sampled(
        "muster.machine.connections", "Established TCP connections", s -> (double) s.connections());
    sampled(
        "muster.machine.alarms",
        "Figures that are beyond what is good for the machine",
        s -> s.alarms().size());
    counted(
        "muster.machine.network.receive.bytes",
        "Received over all interfaces but loopback",
        Sample::netReceived);
    counted(
        "muster.machine.network.transmit.bytes",
        "Sent over all interfaces but loopback",
        Sample::netSent);
  }

  private void sampled(String name, String description, ToDoubleFunction<Sample> figure) {
    gauge(name, description, () -> read(figure));
  }

  private void gauge(String name, String description, DoubleSupplier value) {
    Gauge.builder(name, value::getAsDouble)
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counted(String name, String description, ToDoubleFunction<Sample> figure) {
    FunctionCounter.builder(name, this, meters -> Math.max(0, meters.count(figure)))
        .description(description)
        .register(registry);
  }

  private double count(ToDoubleFunction<Sample> figure) {
    Sample last = sample.get();
    return last == null ? 0 : figure.applyAsDouble(last);
  }

  private double read(ToDoubleFunction<Sample> figure) {
    Sample last = sample.get();
    double value = last == null ? Double.NaN : figure.applyAsDouble(last);
    return value < 0 ? Double.NaN : value;
  }

  /** Stops listening to the collector. */
  @Override
  public void close() {
    collections.close();
  }
}
