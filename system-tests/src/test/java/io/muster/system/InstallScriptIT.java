package io.muster.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * scripts/install into folders of a test's own. No systemd runs here: a stand-in listens where its
 * notification socket would be, and what the unit starts is started by hand.
 */
class InstallScriptIT {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
  private static final long MOST_RESIDENT_KB = 200 * 1000;

  /** Prints every datagram that comes to the socket, a line each. */
  private static final String LISTENER =
      """
      import os, socket, sys
      s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
      s.bind(sys.argv[1])
      print("listening", flush=True)
      while True:
          message, rights, _, _ = socket.recv_fds(s, 4096, 16)
          for fd in rights: os.close(fd)  # systemd-notify waits for that
          print(message.decode(), flush=True)
      """;

  private final Path folder = Fleet.temporaryFolder();
  private final List<Program> programs = new ArrayList<>();
  private int runs;

  @BeforeEach
  void mayInstall() {
    Needed.that("root".equals(System.getProperty("user.name")), "root");
  }

  @AfterEach
  void close() {
    programs.forEach(Program::close);
    Fleet.delete(folder);
  }

  @Test
  void installsKeepsSettingsAndRemovesNothingThatIsTheOwners() throws IOException {
    String token = "a \"b\" $HOME `id` c\\d e'f #x";
    install(
        Map.of("JOIN_TOKEN", token), "worker", "--set", "NODE_NAME=first", "--set", "JOIN_TOKEN");
    Path settings = folder.resolve("etc/worker.env");
    Program shell =
        program(Map.of(), "sh", "-c", ". " + settings + "; printf '<%s>' \"$JOIN_TOKEN\"");
    assertThat(shell.awaitExit(PATIENCE)).isZero();
    assertThat(shell.output()).contains("<" + token + ">");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings)))
        .isEqualTo("rw-r-----");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(folder.resolve("state/worker"))))
        .isEqualTo("rwx------");
    assertThat(Files.readString(settings))
        .contains("DATA_DIR=" + folder.resolve("state/worker"), "NODE_NAME=\"first\"");

    Files.writeString(folder.resolve("state/worker/kept"), "yes");
    Path dropIn = folder.resolve("units/muster-worker.service.d/override.conf");
    Files.createDirectory(dropIn.getParent());
    Files.writeString(dropIn, "[Service]\n");
    install("worker", "--set", "NODE_NAME=second");
    assertThat(Files.readString(settings))
        .contains("NODE_NAME=\"second\"", "JOIN_TOKEN=")
        .doesNotContain("first");

    assertThat(script("scripts/install", "worker", "--uninstall").awaitExit(PATIENCE)).isZero();
    assertThat(folder.resolve("lib/muster-worker.jar")).doesNotExist();
    assertThat(folder.resolve("units/muster-worker.service")).doesNotExist();
    assertThat(folder.resolve("state/worker/kept")).hasContent("yes");
    assertThat(settings).exists();
    assertThat(dropIn).exists();
  }

  @Test
  void whatCannotBeUsedIsSaid() {
    Program wrong = script("scripts/install", "worker", "--set", "lower=1");
    assertThat(wrong.awaitExit(PATIENCE)).isEqualTo(1);
    assertThat(wrong.output()).contains("--set takes NAME=VALUE, not 'lower'");
    Program unset = script("scripts/install", "worker", "--set", "NO_SUCH_THING");
    assertThat(unset.awaitExit(PATIENCE)).isEqualTo(1);
    assertThat(unset.output()).contains("NO_SUCH_THING is not set there");
    Program hidden = script("scripts/install", "worker", "--lib", "/home/someone/muster");
    assertThat(hidden.awaitExit(PATIENCE)).isEqualTo(1);
    assertThat(hidden.output()).contains("the services see no homes");
    Program neither = script("scripts/install");
    assertThat(neither.awaitExit(PATIENCE)).isEqualTo(1);
    assertThat(neither.output()).contains("scripts/install hub, or scripts/install worker");
  }

  @Test
  void theUnitsAreSound() throws IOException {
    Path analyze = Needed.program("systemd-analyze");
    for (String role : List.of("hub", "worker")) {
      install(role);
      Path unit = folder.resolve("units/muster-" + role + ".service");
      assertThat(Files.readString(unit)).doesNotContainPattern("@[A-Z]+@");
      Program verify = program(Map.of(), analyze.toString(), "verify", unit.toString());
      assertThat(verify.awaitExit(PATIENCE)).as(verify.output()).isZero();
      assertThat(verify.output()).isBlank();
      Program security =
          program(
              Map.of(),
              analyze.toString(),
              "security",
              "--offline=yes",
              "--threshold=40",
              unit.toString());
      assertThat(security.awaitExit(PATIENCE)).as(security.output()).isZero();
    }
  }

  @Test
  void theServiceTellsItsManagerAndStaysSmall() throws IOException {
    Needed.program("systemd-notify");
    int ports = FreePorts.stretch(4);
    install(
        "worker",
        "--set",
        "WORKER_PORT=" + FreePorts.one(),
        "--set",
        "CLUSTER_PORT=" + ports,
        "--set",
        "CLUSTER_PORT_COUNT=4",
        "--set",
        "CLUSTER_NAME=install-" + ports,
        "--set",
        "OLLAMA_DETECT=false");
    Path socket = folder.resolve("notify");
    Path listener = Files.writeString(folder.resolve("listen.py"), LISTENER, UTF_8);
    Program manager = program(Map.of(), "/usr/bin/python3", listener.toString(), socket.toString());
    await().atMost(PATIENCE).until(() -> manager.output().contains("listening"));

    Program service =
        program(
            Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "1000000"),
            "sh",
            "-c",
            "set -a; . %s/etc/worker.env; cd %s/state/worker; exec %s"
                .formatted(folder, folder, command("worker")));
    await().atMost(PATIENCE).until(() -> told(manager).contains("READY=1"));
    await()
        .atMost(PATIENCE)
        .until(() -> told(manager).stream().filter("WATCHDOG=1"::equals).count() > 3);
    assertThat(residentKb(service.pid())).isLessThan(MOST_RESIDENT_KB);

    service.signal("TERM");
    assertThat(service.awaitExit(PATIENCE)).as(service.output()).isIn(0, 143);
    await().atMost(PATIENCE).until(() -> told(manager).contains("STOPPING=1"));
  }

  private static List<String> told(Program manager) {
    return manager.output().lines().toList();
  }

  /** What the unit starts. */
  private String command(String role) throws IOException {
    return Files.readAllLines(folder.resolve("units/muster-" + role + ".service")).stream()
        .filter(line -> line.startsWith("ExecStart="))
        .map(line -> line.substring("ExecStart=".length()))
        .findFirst()
        .orElseThrow();
  }

  private static long residentKb(long pid) throws IOException {
    Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
    assertThat(resident.find()).isTrue();
    return Long.parseLong(resident.group(1));
  }

  private void install(String role, String... more) {
    install(Map.of(), role, more);
  }

  private void install(Map<String, String> env, String role, String... more) {
    List<String> command = new ArrayList<>(List.of("scripts/install", role, "--no-start"));
    command.addAll(List.of(more));
    Program install = script(env, command.toArray(String[]::new));
    assertThat(install.awaitExit(PATIENCE)).as(install.output()).isZero();
  }

  private Program script(String... command) {
    return script(Map.of(), command);
  }

  /** In folders of the test's own, unless the command names others after them. */
  private Program script(Map<String, String> env, String... command) {
    List<String> all = new ArrayList<>(List.of(command[0]));
    for (String place : List.of("lib", "etc", "state", "log", "units")) {
      all.add("--" + place);
      all.add(folder.resolve(place).toString());
    }
    all.addAll(List.of("--user", "root"));
    all.addAll(List.of(command).subList(1, command.length));
    Map<String, String> with = new HashMap<>(env);
    with.put("JAVA_HOME", System.getProperty("java.home"));
    return program(with, all.toArray(String[]::new));
  }

  private Program program(Map<String, String> env, String... command) {
    Map<String, String> all = new HashMap<>(env);
    all.put("NO_COLOR", "1");
    String name = "run-" + ++runs;
    Program program =
        Program.start(name, List.of(command), Jars.ROOT, folder.resolve(name + ".out"), all);
    programs.add(program);
    return program;
  }
}
