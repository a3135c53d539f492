package io.muster.runtime.ops;

import io.muster.metric.Alarm;
import io.muster.metric.Sample;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * A {@link Sample} as JSON: sizes in bytes, shares 0 to 1, null where the machine does not tell.
 */
public final class SampleJson {
  private SampleJson() {}

  /** Null for no sample. */
  public static JsonObject of(Sample sample) {
    if (sample == null) {
      return null;
    }
    return new JsonObject()
        .put("at", sample.at())
        .put("processors", sample.processors())
        .put("cpu", share(sample.cpu()))
        .put("load", share(sample.load()))
        .put("memory_total_bytes", size(sample.memoryTotal()))
        .put("memory_used_bytes", size(sample.memoryUsed()))
        .put("swap_total_bytes", size(sample.swapTotal()))
        .put("swap_used_bytes", size(sample.swapUsed()))
        .put("disk_total_bytes", size(sample.diskTotal()))
        .put("disk_free_bytes", size(sample.diskFree()))
        .put("network_received_bytes", size(sample.netReceived()))
        .put("network_sent_bytes", size(sample.netSent()))
        .put("network_receive_bytes_per_second", share(sample.netReceiveRate()))
        .put("network_send_bytes_per_second", share(sample.netSendRate()))
        .put("connections", size(sample.connections()))
        .put("disks", disks(sample))
        .put("temperatures", temperatures(sample))
        .put("gpus", GpuJson.of(sample.gpus()))
        .put("alarms", alarms(sample))
        .put("process", process(sample));
  }

  /** The figures of the process alone. */
  public static JsonObject process(Sample sample) {
    return new JsonObject()
        .put("cpu", share(sample.processCpu()))
        .put("resident_bytes", size(sample.processResident()))
        .put("heap_used_bytes", size(sample.heapUsed()))
        .put("heap_max_bytes", size(sample.heapMax()))
        .put("uptime_ms", size(sample.uptimeMs()));
  }

  private static JsonArray disks(Sample sample) {
    JsonArray disks = new JsonArray();
    for (Sample.Disk disk : sample.disks()) {
      disks.add(
          new JsonObject()
              .put("mount", disk.mount())
              .put("type", disk.type())
              .put("total_bytes", size(disk.total()))
              .put("free_bytes", size(disk.free())));
    }
    return disks;
  }

  private static JsonArray temperatures(Sample sample) {
    JsonArray temperatures = new JsonArray();
    for (Sample.Temperature temperature : sample.temperatures()) {
      temperatures.add(
          new JsonObject()
              .put("sensor", temperature.sensor())
              .put("celsius", Math.round(temperature.celsius() * 10) / 10.0));
    }
    return temperatures;
  }

  private static JsonArray alarms(Sample sample) {
    JsonArray alarms = new JsonArray();
    for (Alarm alarm : sample.alarms()) {
      alarms.add(
          new JsonObject()
              .put("metric", alarm.metric())
              .put("of", alarm.of())
              .put("value", share(alarm.value()))
              .put("limit", alarm.limit())
              .put("since", alarm.since())
              .put("reason", alarm.text()));
    }
    return alarms;
  }

  static Double share(double value) {
    return value < 0 || Double.isNaN(value) ? null : Math.round(value * 10_000) / 10_000.0;
  }

  static Long size(long value) {
    return value < 0 ? null : value;
  }
}
