package io.muster.runtime.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.muster.bus.Ack;
import io.muster.bus.Bus;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A member of the cluster in a process of its own, which can be stopped, woken and killed. */
final class MemberProcess implements AutoCloseable {
  private final Process process;

  private MemberProcess(Process process) {
    this.process = process;
  }

  /** Serves one address, with the watch on; settings come from the environment. */
  public static void main(String[] args) throws IOException {
    Settings settings = Settings.load(Role.WORKER);
    Cluster.join(settings)
        .compose(
            cluster -> {
              Bus bus = new Bus(cluster.vertx());
              return SubscriptionWatch.start(cluster, bus, Duration.ofSeconds(2))
                  .compose(
                      watch ->
                          bus.serve(args[0], question -> Future.succeededFuture(Ack.OK))
                              .onSuccess(watch::watch));
            })
        .onComplete(
            registration -> System.out.println("ready"),
            cause -> {
              System.err.println(cause);
              Runtime.getRuntime().halt(1);
            });
    // Whoever started it closes its input, at the latest by dying.
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(0);
  }

  /** Starts a member that serves the address, and returns when it does. */
  static MemberProcess start(String address, Map<String, String> env) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    for (String argument : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
      if (argument.startsWith("--add-")) {
        command.add(argument);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(MemberProcess.class.getName(), address));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(env);
    Process process = builder.start();
    BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
    String line = output.readLine();
    if (!"ready".equals(line)) {
      process.destroyForcibly();
      throw new IOException("the member did not start: " + line);
    }
    return new MemberProcess(process);
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
