package io.muster.container;

import io.muster.container.ContainerSpec.ModelServer;
import io.muster.container.ContainerSpec.Mount;
import io.muster.container.ContainerSpec.PortMapping;
import io.muster.container.ContainerSpec.Pull;
import io.muster.container.ContainerSpec.Restart;
import io.muster.container.ContainerSpec.Rights;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the body that asks for a container, {@code {claim_id, image, gpu_ids, port_mappings,
 * env_vars, command …}}: the same at the node's API and at the hub's.
 */
public final class ContainerBody {
  private static final Pattern CLAIM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");
  private static final Pattern IMAGE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}");
  private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}=(?s:.*)");
  private static final int MOST_GPU = 255;
  private static final int PORTS = 65_535;

  private static final Set<String> FIELDS =
      Set.of(
          "claim_id",
          "image",
          "gpu_ids",
          "gpus",
          "port_mappings",
          "env_vars",
          "command",
          "entrypoint",
          "working_dir",
          "user",
          "memory",
          "cpus",
          "shm_size",
          "pids_limit",
          "tags",
          "restart",
          "pull",
          "privileged",
          "network",
          "pid",
          "ipc",
          "mounts",
          "devices",
          "cap_add");

  private ContainerBody() {}

  /**
   * @throws io.muster.bus.FaultException naming the field that is wrong
   */
  public static ContainerSpec read(JsonObject body) {
    return read(new BodyReader(body, "", FIELDS), null, null);
  }

  /**
   * A container for somebody who names it by himself.
   *
   * @param body the same fields without {@code claim_id}
   * @param prefix how the body is called in what is said of it, {@code template.}
   * @param server what it serves
   */
  public static ContainerSpec read(
      JsonObject body, String prefix, String claimId, ModelServer server) {
    Set<String> known = new HashSet<>(FIELDS);
    known.remove("claim_id");
    return read(new BodyReader(body, prefix, known), claimId, server);
  }

  private static ContainerSpec read(BodyReader in, String claimId, ModelServer server) {
    List<Integer> gpuIds = in.integers("gpu_ids", MOST_GPU);
    if (new HashSet<>(gpuIds).size() < gpuIds.size()) {
      throw in.wrong("gpu_ids", "names a GPU twice");
    }
    int gpus = (int) in.number("gpus", 0, MOST_GPU, 0);
    if (gpus > 0 && !gpuIds.isEmpty()) {
      throw in.wrong("gpus", "is how many GPUs, gpu_ids is which: give one of them");
    }
    return new ContainerSpec(
        claimId == null ? claim(in) : claimId,
        image(in),
        gpuIds,
        gpus,
        ports(in),
        variables(in),
        in.texts("command"),
        in.texts("entrypoint"),
        in.text("working_dir"),
        in.text("user"),
        in.size("memory"),
        in.fraction("cpus", 4_096),
        in.size("shm_size"),
        (int) in.number("pids_limit", 1, 4_194_304, 0),
        in.texts("tags"),
        in.word("restart", Restart.class, Restart.INTERRUPTED),
        in.word("pull", Pull.class, Pull.MISSING),
        new Rights(
            in.flag("privileged"),
            in.text("network"),
            in.text("pid"),
            in.text("ipc"),
            mounts(in),
            in.texts("devices"),
            in.texts("cap_add")),
        server);
  }

  /** Whether a claim may have this name, which is a file's and a container's too. */
  public static boolean isClaimId(String name) {
    return name != null && CLAIM.matcher(name).matches();
  }

  private static String claim(BodyReader in) {
    String claim = in.needed("claim_id");
    if (isClaimId(claim)) {
      return claim;
    }
    throw in.wrong(
        "claim_id",
        "has to be 1 to 63 letters, digits, '.', '_' or '-', beginning with a letter or digit");
  }

  private static String image(BodyReader in) {
    String image = in.needed("image");
    if (IMAGE.matcher(image).matches()) {
      return image;
    }
    throw in.wrong("image", "has to be an image's name, such as nvidia/cuda:12.4.1-runtime");
  }

  private static List<PortMapping> ports(BodyReader in) {
    List<PortMapping> ports = new ArrayList<>();
    for (BodyReader port :
        in.objects("port_mappings", Set.of("host_port", "container_port", "protocol", "host_ip"))) {
      String protocol = port.text("protocol");
      if (protocol != null && !protocol.equals("tcp") && !protocol.equals("udp")) {
        throw port.wrong("protocol", "has to be tcp or udp");
      }
      if (!port.has("container_port")) {
        throw port.wrong("container_port", "is missing");
      }
      ports.add(
          new PortMapping(
              port.text("host_ip"),
              (int) port.number("host_port", 0, PORTS, 0),
              (int) port.number("container_port", 1, PORTS, 0),
              protocol == null ? "tcp" : protocol));
    }
    return ports;
  }

  private static List<String> variables(BodyReader in) {
    List<String> variables = in.texts("env_vars");
    for (int i = 0; i < variables.size(); i++) {
      if (!VARIABLE.matcher(variables.get(i)).matches()) {
        // Its value may be secret.
        throw in.wrong("env_vars[" + i + "]", "has to be NAME=value");
      }
    }
    return variables;
  }

  private static List<Mount> mounts(BodyReader in) {
    List<Mount> mounts = new ArrayList<>();
    for (BodyReader mount : in.objects("mounts", Set.of("source", "target", "read_only"))) {
      String target = mount.needed("target");
      if (!target.startsWith("/") || target.contains(":")) {
        throw mount.wrong("target", "has to be an absolute path in the container");
      }
      String source = mount.needed("source");
      if (!source.startsWith("/") && !isClaimId(source)) {
        throw mount.wrong(
            "source", "has to be an absolute path on the node, or the name of a volume");
      }
      mounts.add(new Mount(source, target, mount.flag("read_only")));
    }
    return mounts;
  }
}
