package io.muster.worker.container;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.Statistics;
import io.muster.container.ContainerSpec;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What the engine says of a container, as APIs show it: no value of its environment among it. */
final class EngineJson {
  private EngineJson() {}

  static JsonObject inspected(InspectContainerResponse container) {
    JsonObject json =
        new JsonObject()
            .put("id", container.getId())
            .put("name", container.getName())
            .put("image_id", container.getImageId())
            .put("created", container.getCreated());
    var state = container.getState();
    json.put(
        "state",
        new JsonObject()
            .put("status", state.getStatus())
            .put("pid", state.getPidLong())
            .put("exit_code", state.getExitCodeLong())
            .put("oom_killed", state.getOOMKilled())
            .put("error", state.getError())
            .put("started_at", state.getStartedAt())
            .put("finished_at", state.getFinishedAt()));
    var config = container.getConfig();
    if (config != null) {
      JsonArray names = new JsonArray();
      if (config.getEnv() != null) {
        for (String variable : config.getEnv()) {
          names.add(ContainerSpec.nameOf(variable));
        }
      }
      json.put("env_names", names)
          .put("command", config.getCmd() == null ? null : array(config.getCmd()))
          .put("entrypoint", config.getEntrypoint() == null ? null : array(config.getEntrypoint()))
          .put("working_dir", config.getWorkingDir())
          .put("user", config.getUser());
    }
    var host = container.getHostConfig();
    if (host != null) {
      json.put(
          "limits",
          new JsonObject()
              .put("memory", host.getMemory())
              .put("nano_cpus", host.getNanoCPUs())
              .put("pids", host.getPidsLimit())
              .put("shm_size", host.getShmSize()));
      json.put(
          "security",
          new JsonObject()
              .put("privileged", host.getPrivileged())
              .put("network", host.getNetworkMode())
              .put("pid", host.getPidMode())
              .put("ipc", host.getIpcMode())
              .put(
                  "options",
                  host.getSecurityOpts() == null
                      ? new JsonArray()
                      : new JsonArray(host.getSecurityOpts())));
    }
    return json;
  }

  /** How far a fetch is. */
  static JsonObject pulled(PullResponseItem item) {
    JsonObject told = new JsonObject().put("status", item.getStatus());
    if (item.getId() != null) {
      told.put("layer", item.getId());
    }
    if (item.getProgressDetail() != null && item.getProgressDetail().getTotal() != null) {
      told.put("current", item.getProgressDetail().getCurrent());
      told.put("total", item.getProgressDetail().getTotal());
    }
    return told;
  }

  private static JsonArray array(String[] texts) {
    JsonArray array = new JsonArray();
    for (String text : texts) {
      array.add(text);
    }
    return array;
  }

  /** Shares are of one processor: 2.0 is two of them, all the time. */
  static JsonObject stats(Statistics told) {
    JsonObject json = new JsonObject();
    if (told == null) {
      return json;
    }
    if (told.getMemoryStats() != null) {
      json.put(
          "memory",
          new JsonObject()
              .put("used", told.getMemoryStats().getUsage())
              .put("limit", told.getMemoryStats().getLimit()));
    }
    Double cpu = cpu(told);
    if (cpu != null) {
      json.put("cpu", cpu);
    }
    if (told.getPidsStats() != null) {
      json.put("pids", told.getPidsStats().getCurrent());
    }
    if (told.getNetworks() != null) {
      long received = 0;
      long sent = 0;
      for (Map.Entry<String, com.github.dockerjava.api.model.StatisticNetworksConfig> network :
          told.getNetworks().entrySet()) {
        received += number(network.getValue().getRxBytes());
        sent += number(network.getValue().getTxBytes());
      }
      json.put("network", new JsonObject().put("received", received).put("sent", sent));
    }
    return json;
  }

  private static Double cpu(Statistics told) {
    var now = told.getCpuStats();
    var before = told.getPreCpuStats();
    if (now == null
        || before == null
        || now.getCpuUsage() == null
        || before.getCpuUsage() == null
        || now.getSystemCpuUsage() == null
        || before.getSystemCpuUsage() == null) {
      return null;
    }
    double used =
        number(now.getCpuUsage().getTotalUsage()) - number(before.getCpuUsage().getTotalUsage());
    double machine = now.getSystemCpuUsage() - before.getSystemCpuUsage();
    long processors = now.getOnlineCpus() == null ? 1 : now.getOnlineCpus();
    return machine <= 0 ? null : Math.round(used / machine * processors * 1000) / 1000.0;
  }

  private static long number(Long value) {
    return value == null ? 0 : value;
  }
}
