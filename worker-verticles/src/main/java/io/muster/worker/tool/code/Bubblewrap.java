package io.muster.worker.tool.code;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Runs code in bubblewrap, which needs neither a daemon nor root. */
final class Bubblewrap implements Sandbox {
  private static final long LOOK_SECONDS = 10;
  private static final int LONGEST_REASON = 200;

  private final WorkerExecutor executor;
  private final BubblewrapCommand command;
  private final SandboxRuns runs;

  /**
   * @param executor with three threads for each run at once; they have to live as long as their
   *     runs, which end with them
   */
  Bubblewrap(
      Vertx vertx, WorkerExecutor executor, boolean root, Limits limits, LongSupplier nanoTime) {
    this.executor = executor;
    this.command = new BubblewrapCommand(root, limits);
    this.runs = new SandboxRuns(vertx, executor, limits.outputBytes(), nanoTime);
  }

  @Override
  public String name() {
    return "bubblewrap";
  }

  @Override
  public Future<Set<Language>> look(Consumer<String> takingLong) {
    return executor.executeBlocking(this::lookNow, false);
  }

  private Set<Language> lookNow() throws InterruptedException {
    Process process;
    try {
      process = start(command.look());
    } catch (IOException e) {
      throw new Unusable("bwrap, choom, prlimit or setpriv is not installed");
    }
    BoundedText said = new BoundedText(4_096);
    BoundedText problem = new BoundedText(4_096);
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It has gone already; said below.
    }
    // Its few words wait in the pipes: one that hangs must not be read from.
    boolean ended = process.waitFor(LOOK_SECONDS, TimeUnit.SECONDS);
    if (ended) {
      said.read(process.getInputStream());
      problem.read(process.getErrorStream());
    }
    if (!ended || process.exitValue() != 0) {
      process.destroyForcibly();
      String why = problem.text().lines().findFirst().orElse("it did not end").strip();
      throw new Unusable(
          "bubblewrap does not work here: "
              + (why.length() > LONGEST_REASON ? why.substring(0, LONGEST_REASON) : why));
    }
    return Language.found(said.text());
  }

  /** Without this process's environment, in which its secrets may be. */
  private static Process start(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    String path = System.getenv("PATH");
    builder.environment().clear();
    builder.environment().put("PATH", path == null ? "/usr/bin:/bin" : path);
    builder.directory(new java.io.File("/"));
    return builder.start();
  }

  @Override
  public Run run(Program program) {
    return runs.begin(program.timeoutMs(), run -> work(program, run));
  }

  @Override
  public Future<Void> close() {
    return runs.close();
  }

  private int work(Program program, SandboxRuns.Running run)
      throws IOException, InterruptedException {
    byte[] code = program.code().getBytes(StandardCharsets.UTF_8);
    Process process = start(command.run(program.language(), code.length));
    // bwrap's own death takes its first process along, and that one all others.
    run.endedBy(process::destroyForcibly);
    CountDownLatch others = new CountDownLatch(2);
    beside(() -> run.stderr.read(process.getErrorStream()), others);
    beside(() -> feed(process, code, program.stdin()), others);
    run.stdout.read(process.getInputStream());
    int exit = process.waitFor();
    others.await();
    return exit;
  }

  private void beside(Runnable work, CountDownLatch done) {
    executor.executeBlocking(
        () -> {
          try {
            work.run();
          } finally {
            done.countDown();
          }
          return null;
        },
        false);
  }

  private static void feed(Process process, byte[] code, String stdin) {
    try (OutputStream in = process.getOutputStream()) {
      in.write(code);
      in.write(stdin.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It does not read all of it.
    }
  }
}
