package io.muster.system;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The Autobahn test suite's fuzzing client: it holds WebSocket servers, which have to echo, against
 * RFC 6455, case by case. It is Python and runs in a process of its own on Jython; Maven puts both
 * into {@code target/autobahn}.
 */
final class Autobahn {
  /** Its start and 250 cases take a minute on an idle machine. */
  private static final Duration LIMIT = Duration.ofMinutes(4);

  private static final Path JARS = Path.of("target/autobahn").toAbsolutePath();
  private static final String RUN =
      "import sys, json; from autobahntestsuite import wstest;"
          + " wstest.start({'mode': 'fuzzingclient'}, json.loads(open(sys.argv[1]).read()))";

  private static final String WARM_UP = "warm-up";

  /** All but the simplest ones: these are left out of the warming up. */
  private static final List<String> COLD =
      List.of("2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*", "12.*", "13.*");

  private final Path folder;

  /**
   * What it says of one case.
   *
   * @param behavior whether what was echoed is right
   * @param close whether the connection ended as it must
   * @param closeCode with which the server closed, null without one
   */
  record Verdict(String behavior, String close, Integer closeCode) {
    private static final Set<String> GOOD = Set.of("OK", "NON-STRICT", "INFORMATIONAL");

    boolean passed() {
      return GOOD.contains(behavior) && closedWell();
    }

    /** A server may do without an extension: its cases are neither passed nor failed then. */
    boolean failed() {
      return !passed() && !behavior.equals("UNIMPLEMENTED");
    }

    boolean closedWell() {
      return GOOD.contains(close);
    }
  }

  /** Its reports come into this folder. */
  Autobahn(Path folder) {
    this.folder = folder;
  }

  /**
   * Holds every server against every case.
   *
   * @param servers their WebSocket addresses by name
   * @param cases patterns like {@code 7.9.*}
   * @return the verdicts by server and case
   */
  Map<String, Map<String, Verdict>> judge(Map<String, String> servers, List<String> cases) {
    ObjectNode spec = HubClient.JSON.createObjectNode();
    spec.put("outdir", folder.resolve("reports").toString());
    // A connection that is lost before it is open stops the client for good: it must be patient.
    spec.putObject("options").put("failByDrop", false).put("openHandshakeTimeout", 60);
    // The first cases are slow, and would be held against whoever comes first.
    String first = servers.values().iterator().next();
    spec.withArray("servers").addObject().put("agent", WARM_UP).put("url", first);
    servers.forEach(
        (name, url) -> spec.withArray("servers").addObject().put("agent", name).put("url", url));
    cases.forEach(spec.withArray("cases")::add);
    spec.putArray("exclude-cases");
    COLD.forEach(spec.putObject("exclude-agent-cases").putArray(WARM_UP)::add);
    try {
      Path file = folder.resolve("spec.json");
      Files.writeString(file, spec.toString(), UTF_8);
      run(file);
      return verdicts(HubClient.JSON.readTree(folder.resolve("reports/index.json").toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(Path spec) {
    List<Path> jars =
        List.of(
            JARS.resolve("autobahntestsuite-maven-plugin.jar"),
            JARS.resolve("jython-standalone.jar"));
    for (Path jar : jars) {
      if (!Files.isRegularFile(jar)) {
        throw new IllegalStateException(
            jar + " is missing: ./mvnw verify -pl system-tests -am -Dit.test=AutobahnIT");
      }
    }
    List<String> command =
        List.of(
            Jars.java().toString(),
            // Half of its time is the start: the simple compiler is done sooner.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dpython.cachedir.skip=true",
            "-cp",
            jars.get(0) + File.pathSeparator + jars.get(1),
            "org.python.util.jython",
            "-c",
            RUN,
            spec.toString());
    try (Program client =
        Program.start("autobahn", command, folder, folder.resolve("autobahn.out"), Map.of())) {
      if (client.awaitExit(LIMIT) != 0) {
        throw new AssertionError(client.tail());
      }
    }
  }

  private static Map<String, Map<String, Verdict>> verdicts(JsonNode index) {
    Map<String, Map<String, Verdict>> verdicts = new LinkedHashMap<>();
    index
        .properties()
        .forEach(
            server -> {
              Map<String, Verdict> cases = new TreeMap<>();
              server
                  .getValue()
                  .properties()
                  .forEach(entry -> cases.put(entry.getKey(), verdict(entry.getValue())));
              verdicts.put(server.getKey(), cases);
            });
    verdicts.remove(WARM_UP);
    return verdicts;
  }

  private static Verdict verdict(JsonNode of) {
    return new Verdict(
        of.path("behavior").asText(),
        of.path("behaviorClose").asText(),
        of.path("remoteCloseCode").isNumber() ? of.path("remoteCloseCode").asInt() : null);
  }
}
