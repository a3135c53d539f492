package io.muster.runtime.settings;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What must be set before a process may be reached from other machines: without it, it refuses to
 * start and says what to set.
 */
final class OpenNetwork {
  private static final int MIN_SECRET_LENGTH = 16;
  private static final int MIN_DIFFERENT_CHARACTERS = 8;
  private static final List<String> GIVE_AWAYS =
      List.of("change", "secret", "password", "your-", "your_", "example", "default", "12345");

  private OpenNetwork() {}

  static List<String> violations(Settings settings) {
    List<String> violations = new ArrayList<>();
    checkTlsFiles(settings, violations);
    String clusterHost = settings.get(Catalogue.CLUSTER_HOST);
    if (!Loopback.is(clusterHost)) {
      checkCluster(settings, clusterHost, violations);
    }
    if (settings.role() == Role.WORKER) {
      checkNodeApi(settings, violations);
    }
    if (settings.role() == Role.HUB) {
      String host = settings.get(Catalogue.ROOT_NODE_HOST);
      if (!Loopback.is(host)) {
        checkHub(settings, host, violations);
      }
    }
    if (settings.role() == Role.WORKER && settings.get(EdgeSettings.EDGE)) {
      checkEdge(settings, violations);
    }
    return violations;
  }

  private static void checkEdge(Settings settings, List<String> violations) {
    String host = settings.get(EdgeSettings.EDGE_HOST);
    if (!Loopback.is(host)
        && settings.get(EdgeSettings.EDGE_API_KEYS).isEmpty()
        && !settings.get(EdgeSettings.EDGE_ALLOW_ANONYMOUS)) {
      violations.add(
          "EDGE_HOST="
              + host
              + " ("
              + settings.source(EdgeSettings.EDGE_HOST).label()
              + "): off loopback the near service needs EDGE_API_KEYS (keys that clients present,"
              + " between commas), or EDGE_ALLOW_ANONYMOUS=true to serve everybody who can reach"
              + " it");
    }
  }

  private static void checkCluster(Settings settings, String host, List<String> violations) {
    List<Setting<Path>> unset =
        tlsSettings().stream().filter(setting -> settings.find(setting).isEmpty()).toList();
    if (List.of("0.0.0.0", "::", "[::]").contains(host)) {
      violations.add(
          "CLUSTER_HOST="
              + host
              + " ("
              + settings.source(Catalogue.CLUSTER_HOST).label()
              + "): must be one interface's address, which the other members can reach");
    }
    if (!unset.isEmpty()) {
      violations.add(
          "CLUSTER_HOST="
              + host
              + " ("
              + settings.source(Catalogue.CLUSTER_HOST).label()
              + "): off loopback the event bus runs with TLS only: set "
              + String.join(", ", unset.stream().map(Setting::name).toList())
              + " (scripts/keys NODE makes the files), or leave CLUSTER_HOST at 127.0.0.1");
    }
  }

  /** A token that the worker makes itself is strong; one that is given may not be. */
  private static void checkNodeApi(Settings settings, List<String> violations) {
    ListenAddress address = settings.get(NodeApiSettings.NODE_API_LISTEN);
    if (settings.get(NodeApiSettings.NODE_API) && !address.isLoopback()) {
      settings
          .find(NodeApiSettings.NODE_API_TOKEN)
          .flatMap(OpenNetwork::weakness)
          .ifPresent(
              weakness ->
                  violations.add(
                      "NODE_API_LISTEN="
                          + address
                          + " ("
                          + settings.source(NodeApiSettings.NODE_API_LISTEN).label()
                          + "): off loopback the node's API needs a strong NODE_API_TOKEN, or none,"
                          + " and the worker makes one: it "
                          + weakness));
    }
  }

  private static void checkHub(Settings settings, String host, List<String> violations) {
    String where =
        "ROOT_NODE_HOST="
            + host
            + " ("
            + settings.source(Catalogue.ROOT_NODE_HOST).label()
            + "): off loopback the hub needs ";
    if (settings.get(Catalogue.API_KEYS).isEmpty() && !settings.get(Catalogue.ALLOW_ANONYMOUS)) {
      violations.add(
          where
              + "API_KEYS (keys that clients present, between commas), or ALLOW_ANONYMOUS=true to"
              + " serve everybody who can reach it");
    }
    settings
        .find(Catalogue.ROOT_NODE_SECRET)
        .map(OpenNetwork::weakness)
        .orElse(Optional.of("is not set"))
        .ifPresent(
            weakness ->
                violations.add(
                    where
                        + "a strong ROOT_NODE_SECRET: it "
                        + weakness
                        + " (make one with: openssl rand -hex 32)"));
    settings.get(Catalogue.API_KEYS).stream()
        .flatMap(key -> weakness(key).stream())
        .findFirst()
        .ifPresent(
            weakness ->
                violations.add(
                    where
                        + "strong API_KEYS: one of them "
                        + weakness
                        + " (make one with: openssl rand -hex 24)"));
    if (settings.get(IdentitySettings.ALLOW_VCP_NODES)) {
      settings
          .find(IdentitySettings.VCP_KEY)
          .flatMap(OpenNetwork::weakness)
          .ifPresent(
              weakness ->
                  violations.add(
                      where
                          + "a strong VCP_KEY, or none, and ROOT_NODE_SECRET stands for it, or"
                          + " ALLOW_VCP_NODES=false: it "
                          + weakness));
    }
    for (Setting<String> secret : List.of(AdminSettings.ADMIN_PASSWORD, AdminSettings.JWT_SECRET)) {
      settings
          .find(secret)
          .flatMap(OpenNetwork::weakness)
          .ifPresent(
              weakness ->
                  violations.add(
                      where
                          + "a strong "
                          + secret.name()
                          + ", or none, and the hub makes one: it "
                          + weakness));
    }
  }

  /** What is wrong with a secret; empty when it will do. */
  static Optional<String> weakness(String secret) {
    if (secret.length() < MIN_SECRET_LENGTH) {
      return Optional.of("has fewer than " + MIN_SECRET_LENGTH + " characters");
    }
    if (secret.chars().distinct().count() < MIN_DIFFERENT_CHARACTERS) {
      return Optional.of("has fewer than " + MIN_DIFFERENT_CHARACTERS + " different characters");
    }
    String lower = secret.toLowerCase(Locale.ROOT);
    return GIVE_AWAYS.stream().anyMatch(lower::contains)
        ? Optional.of("looks like an example")
        : Optional.empty();
  }

  /** Half a key pair protects nothing: all three files, or none; and all must be there. */
  private static void checkTlsFiles(Settings settings, List<String> violations) {
    List<Setting<Path>> given =
        tlsSettings().stream().filter(setting -> settings.find(setting).isPresent()).toList();
    if (!given.isEmpty() && given.size() < tlsSettings().size()) {
      violations.add(
          "BUS_TLS_CA, BUS_TLS_CERT and BUS_TLS_KEY belong together: only "
              + String.join(", ", given.stream().map(Setting::name).toList())
              + " is set");
    }
    for (Setting<Path> setting : given) {
      Path file = settings.get(setting);
      if (!Files.isReadable(file) || Files.isDirectory(file)) {
        violations.add(
            setting.name()
                + "="
                + file
                + " ("
                + settings.source(setting).label()
                + "): must be a file that can be read (scripts/keys NODE makes it)");
      }
    }
  }

  private static List<Setting<Path>> tlsSettings() {
    return List.of(Catalogue.BUS_TLS_CA, Catalogue.BUS_TLS_CERT, Catalogue.BUS_TLS_KEY);
  }
}
