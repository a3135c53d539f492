package io.muster.worker.container;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.container.ContainerSpec;
import io.muster.container.ContainerSpec.Mount;
import io.muster.container.ContainerSpec.PortMapping;
import io.muster.container.ContainerSpec.Rights;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What the owner of this machine lets containers do: everything that reaches out of a container is
 * refused unless the owner named it.
 */
final class Policy {
  private static final Set<String> WORDS =
      Set.of("privileged", "host-network", "host-pid", "host-ipc", "engine-socket", "public-ports");

  private static final String READ_ONLY = ":ro";

  private final Owner owner;
  private final Set<String> allowed;
  private final Set<String> capabilities;

  /**
   * What the owner has said.
   *
   * @param images patterns with {@code *}; empty for all
   * @param allow words for what is allowed
   * @param mounts folders, with {@code :ro} where they may be read alone
   * @param memoryLimited whether no container may do without a limit of its memory
   * @param engineSocket the engine's own socket
   */
  record Owner(
      List<String> images,
      List<String> allow,
      List<String> mounts,
      List<String> devices,
      List<String> capabilities,
      boolean memoryLimited,
      Path engineSocket) {}

  /**
   * @throws IllegalArgumentException where the owner names something that there is not
   */
  Policy(Owner owner) {
    this.owner = owner;
    this.allowed = new HashSet<>(owner.allow());
    for (String word : allowed) {
      if (!WORDS.contains(word)) {
        throw new IllegalArgumentException(
            "CONTAINER_ALLOW: there is no '"
                + word
                + "'; there are "
                + WORDS.stream().sorted().collect(Collectors.joining(", ")));
      }
    }
    for (String writable : owner.mounts()) {
      for (String below : owner.mounts()) {
        if (!writable.endsWith(READ_ONLY) && isBelow(below, writable)) {
          throw new IllegalArgumentException(
              "CONTAINER_MOUNTS: "
                  + below
                  + " is below "
                  + writable
                  + ", where a container could put a link to somewhere else in its place: leave one"
                  + " of them out, or make the upper one "
                  + writable
                  + READ_ONLY);
        }
      }
    }
    this.capabilities =
        owner.capabilities().stream().map(Policy::capability).collect(Collectors.toSet());
  }

  private static boolean isBelow(String below, String above) {
    Path lower = plain(below);
    return lower.startsWith(plain(above)) && !lower.equals(plain(above));
  }

  private static Path plain(String mount) {
    return Path.of(
            mount.endsWith(READ_ONLY)
                ? mount.substring(0, mount.length() - READ_ONLY.length())
                : mount)
        .normalize();
  }

  /**
   * @throws FaultException FORBIDDEN, naming the field and what the owner would have to set;
   *     BAD_REQUEST for what means nothing
   */
  void check(ContainerSpec spec) {
    image(spec.image());
    if (owner.memoryLimited() && spec.memory() == 0) {
      throw refused(
          "memory", "this node's owner has set CONTAINER_MEMORY_MB, so each has to have a limit");
    }
    Rights rights = spec.rights();
    if (rights.privileged()) {
      need("privileged", "privileged");
    }
    namespace("network", rights.network(), Set.of("bridge", "none"), "host-network");
    namespace("pid", rights.pid(), Set.of(), "host-pid");
    namespace("ipc", rights.ipc(), Set.of("private", "shareable"), "host-ipc");
    for (int i = 0; i < rights.mounts().size(); i++) {
      mount("mounts[" + i + "]", rights.mounts().get(i));
    }
    for (int i = 0; i < rights.devices().size(); i++) {
      device("devices[" + i + "]", rights.devices().get(i));
    }
    for (int i = 0; i < rights.capabilities().size(); i++) {
      capability("cap_add[" + i + "]", rights.capabilities().get(i));
    }
    for (int i = 0; i < spec.ports().size(); i++) {
      port("port_mappings[" + i + "].host_ip", spec.ports().get(i));
    }
  }

  private void image(String image) {
    if (!owner.images().isEmpty()
        && owner.images().stream().noneMatch(pattern -> matches(pattern, image))) {
      throw refused("image", "'" + image + "' is none of those that CONTAINER_IMAGES allows");
    }
  }

  private static boolean matches(String pattern, String image) {
    String regex =
        List.of(pattern.split("\\*", -1)).stream()
            .map(Pattern::quote)
            .collect(Collectors.joining(".*"));
    return image.matches(regex);
  }

  private void namespace(String field, String value, Set<String> harmless, String word) {
    if (value == null || harmless.contains(value)) {
      return;
    }
    if (!value.equals("host")) {
      // Another container's namespaces are as good as the host's.
      throw new FaultException(
          Failure.BAD_REQUEST,
          "'" + field + "' has to be " + String.join(", ", harmless) + " or host.");
    }
    need(field, word);
  }

  private void mount(String field, Mount mount) {
    if (!mount.source().startsWith("/")) {
      return; // A volume of Muster's own.
    }
    Path source = Path.of(mount.source());
    // A colon would end the path where the owner's list, and the engine, read more of it.
    if (!source.equals(source.normalize()) || mount.source().contains(":")) {
      throw refused(field + ".source", "'" + mount.source() + "' is no plain path");
    }
    Path socket = owner.engineSocket();
    // Whoever has the engine has the machine; a folder above it is as good.
    if (socket.startsWith(source) || isAlias(socket, source)) {
      need(field + ".source", "engine-socket");
      if (source.equals(socket)) {
        return;
      }
    }
    boolean readable = owner.mounts().contains(mount.source() + READ_ONLY);
    boolean writable = owner.mounts().contains(mount.source());
    // Exactly as written: below a folder, a container could have put a link to somewhere else.
    if (!writable && !(readable && mount.readOnly())) {
      throw refused(
          field + ".source",
          readable
              ? "'" + mount.source() + "' may be mounted for reading alone: set read_only"
              : "'" + mount.source() + "' is none of the folders that CONTAINER_MOUNTS allows");
    }
  }

  /** /var/run is a link to /run nearly everywhere. */
  private static boolean isAlias(Path socket, Path source) {
    String real = socket.toString().replaceFirst("^/var/run/", "/run/");
    String given = source.toString().replaceFirst("^/var/run(/|$)", "/run$1");
    return Path.of(real).startsWith(Path.of(given));
  }

  private void device(String field, String device) {
    if (!owner.devices().contains(device)) {
      throw refused(field, "'" + device + "' is none of those that CONTAINER_DEVICES allows");
    }
  }

  private void capability(String field, String name) {
    if (!capabilities.contains(capability(name))) {
      throw refused(field, "'" + name + "' is none of those that CONTAINER_CAPABILITIES allows");
    }
    try {
      ContainerCreation.capability(name);
    } catch (IllegalArgumentException e) {
      throw new FaultException(Failure.BAD_REQUEST, "'" + field + "' is no capability.");
    }
  }

  private static String capability(String name) {
    return name.toUpperCase(Locale.ROOT).replaceFirst("^CAP_", "");
  }

  private void port(String field, PortMapping port) {
    if (port.hostIp() != null && !isLoopback(port.hostIp())) {
      need(field, "public-ports");
    }
  }

  /** Written as numbers: a name is not looked up. */
  static boolean isLoopback(String address) {
    return address.equals("::1") || address.matches("127(\\.[0-9]{1,3}){3}");
  }

  private void need(String field, String word) {
    if (!allowed.contains(word)) {
      throw refused(field, "this node's owner would have to set CONTAINER_ALLOW=" + word);
    }
  }

  private static FaultException refused(String field, String why) {
    return new FaultException(Failure.FORBIDDEN, "'" + field + "' is not allowed: " + why + ".");
  }
}
