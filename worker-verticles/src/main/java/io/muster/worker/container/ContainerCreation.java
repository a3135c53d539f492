package io.muster.worker.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateContainerCmd;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.Device;
import com.github.dockerjava.api.model.DeviceRequest;
import com.github.dockerjava.api.model.ExposedPort;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.InternetProtocol;
import com.github.dockerjava.api.model.Ports;
import com.github.dockerjava.api.model.Volume;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.Mount;
import io.muster.container.ContainerSpec.PortMapping;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What is asked of the engine so that a container becomes what was asked for, and no more. */
final class ContainerCreation {
  static final String VISIBLE_GPUS = "NVIDIA_VISIBLE_DEVICES";
  private static final long NANO = 1_000_000_000L;

  private final String network;
  private final String portHost;
  private final int pids;

  /**
   * @param network that containers are in
   * @param portHost where their ports are bound
   * @param pids the most processes that one may have
   */
  ContainerCreation(String network, String portHost, int pids) {
    this.network = network;
    this.portHost = portHost;
    this.pids = pids;
  }

  CreateContainerCmd command(
      DockerClient client,
      String name,
      ContainerSpec spec,
      List<Integer> gpuIds,
      Map<String, String> labels) {
    List<ExposedPort> exposed = new ArrayList<>();
    Ports ports = new Ports();
    for (PortMapping port : spec.ports()) {
      ExposedPort inside =
          new ExposedPort(port.containerPort(), InternetProtocol.parse(port.protocol()));
      exposed.add(inside);
      String address = port.hostIp() == null ? portHost : port.hostIp();
      ports.bind(
          inside,
          port.hostPort() == 0
              ? new Ports.Binding(address, null)
              : Ports.Binding.bindIpAndPort(address, port.hostPort()));
    }
    CreateContainerCmd command =
        client
            .createContainerCmd(spec.image())
            .withName(name)
            .withLabels(labels)
            .withEnv(env(spec.env(), gpuIds))
            .withExposedPorts(exposed)
            .withHostConfig(host(spec, gpuIds).withPortBindings(ports));
    if (!spec.command().isEmpty()) {
      command.withCmd(spec.command());
    }
    if (!spec.entrypoint().isEmpty()) {
      command.withEntrypoint(spec.entrypoint());
    }
    if (spec.workingDir() != null) {
      command.withWorkingDir(spec.workingDir());
    }
    if (spec.user() != null) {
      command.withUser(spec.user());
    }
    return command;
  }

  private HostConfig host(ContainerSpec spec, List<Integer> gpuIds) {
    ContainerSpec.Rights rights = spec.rights();
    HostConfig host =
        HostConfig.newHostConfig()
            .withNetworkMode(
                rights.network() == null || rights.network().equals("bridge")
                    ? network
                    : rights.network())
            .withPidsLimit((long) (spec.pids() == 0 ? pids : Math.min(spec.pids(), pids)))
            // It is started again by the node, which knows why it ended.
            .withRestartPolicy(com.github.dockerjava.api.model.RestartPolicy.noRestart())
            .withPrivileged(rights.privileged())
            .withBinds(rights.mounts().stream().map(ContainerCreation::bind).toList());
    if (!rights.privileged()) {
      host.withSecurityOpts(List.of("no-new-privileges"));
    }
    if (spec.memory() > 0) {
      // As much with swap as without: else the engine gives the same once more as swap.
      host.withMemory(spec.memory()).withMemorySwap(spec.memory());
    }
    if (spec.cpus() > 0) {
      host.withNanoCPUs((long) (spec.cpus() * NANO));
    }
    if (spec.sharedMemory() > 0) {
      host.withShmSize(spec.sharedMemory());
    }
    if (rights.pid() != null) {
      host.withPidMode(rights.pid());
    }
    if (rights.ipc() != null) {
      host.withIpcMode(rights.ipc());
    }
    if (!rights.devices().isEmpty()) {
      host.withDevices(rights.devices().stream().map(d -> new Device("rwm", d, d)).toList());
    }
    if (!rights.capabilities().isEmpty()) {
      host.withCapAdd(
          rights.capabilities().stream()
              .map(ContainerCreation::capability)
              .toArray(Capability[]::new));
    }
    if (!gpuIds.isEmpty()) {
      host.withDeviceRequests(
          List.of(
              new DeviceRequest()
                  .withDriver("")
                  .withDeviceIds(gpuIds.stream().map(String::valueOf).toList())
                  .withCapabilities(List.of(List.of("gpu")))));
    }
    return host;
  }

  /**
   * Where NVIDIA's runtime is the engine's default, this variable alone gives a container GPUs, an
   * image's own too: so it is always set, to what was reserved.
   */
  static List<String> env(List<String> wanted, List<Integer> gpuIds) {
    List<String> env = new ArrayList<>();
    for (String variable : wanted) {
      if (!ContainerSpec.nameOf(variable).equals(VISIBLE_GPUS)) {
        env.add(variable);
      }
    }
    env.add(
        VISIBLE_GPUS
            + "="
            + (gpuIds.isEmpty()
                ? "void"
                : gpuIds.stream().map(String::valueOf).collect(Collectors.joining(","))));
    return env;
  }

  private static Bind bind(Mount mount) {
    // A volume's name is made Muster's own: those of other programs are none of its business.
    String source = mount.source().startsWith("/") ? mount.source() : "muster-" + mount.source();
    return new Bind(
        source, new Volume(mount.target()), mount.readOnly() ? AccessMode.ro : AccessMode.rw);
  }

  static Capability capability(String name) {
    String plain = name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", "");
    return Capability.valueOf(plain);
  }
}
