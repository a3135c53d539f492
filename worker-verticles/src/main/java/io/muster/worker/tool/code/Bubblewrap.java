package io.muster.worker.tool.code;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Runs code in bubblewrap, which needs neither a daemon nor root. */
final class Bubblewrap implements Sandbox {
  private static final long LOOK_SECONDS = 10;
  private static final int LONGEST_REASON = 200;

  private final Vertx vertx;
  private final WorkerExecutor executor;
  private final BubblewrapCommand command;
  private final Limits limits;
  private final LongSupplier nanoTime;
  private final Set<Running> running = ConcurrentHashMap.newKeySet();

  /**
   * @param executor with three threads for each run at once; they have to live as long as their
   *     runs, which end with them
   */
  Bubblewrap(
      Vertx vertx, WorkerExecutor executor, boolean root, Limits limits, LongSupplier nanoTime) {
    this.vertx = vertx;
    this.executor = executor;
    this.command = new BubblewrapCommand(root, limits);
    this.limits = limits;
    this.nanoTime = nanoTime;
  }

  @Override
  public String name() {
    return "bubblewrap";
  }

  @Override
  public Future<Set<Language>> look() {
    return executor.executeBlocking(this::lookNow, false);
  }

  private Set<Language> lookNow() throws InterruptedException {
    Process process;
    try {
      process = start(command.look());
    } catch (IOException e) {
      throw new Unusable("bwrap, prlimit or setpriv is not installed");
    }
    BoundedText said = new BoundedText(4_096);
    BoundedText problem = new BoundedText(4_096);
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      // It has gone already; said below.
    }
    said.read(process.getInputStream());
    problem.read(process.getErrorStream());
    if (!process.waitFor(LOOK_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
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
    Running run = new Running(program);
    running.add(run);
    run.begin();
    return run;
  }

  @Override
  public Future<Void> close() {
    List<Future<Outcome>> ends = running.stream().map(Running::outcome).toList();
    running.forEach(Running::kill);
    return Future.join(ends).<Void>mapEmpty().otherwiseEmpty();
  }

  /** One run. */
  private final class Running implements Run {
    private final Program program;
    private final Promise<Outcome> outcome = Promise.promise();
    private final BoundedText stdout = new BoundedText(limits.outputBytes());
    private final BoundedText stderr = new BoundedText(limits.outputBytes());
    private final long startedAt = nanoTime.getAsLong();
    private volatile Process process;
    private volatile boolean killed;
    private volatile boolean timedOut;
    private long timer;

    Running(Program program) {
      this.program = program;
    }

    @Override
    public Future<Outcome> outcome() {
      return outcome.future();
    }

    void begin() {
      timer =
          vertx.setTimer(
              program.timeoutMs(),
              id -> {
                timedOut = true;
                kill();
              });
      executor
          .executeBlocking(this::work, false)
          .onComplete(
              done -> {
                vertx.cancelTimer(timer);
                running.remove(this);
                outcome.handle(done);
              });
    }

    @Override
    public void kill() {
      killed = true;
      Process now = process;
      if (now != null) {
        // bwrap's own death takes its first process along, and that one all others.
        now.destroyForcibly();
      }
    }

    private Outcome work() throws IOException, InterruptedException {
      byte[] code = program.code().getBytes(StandardCharsets.UTF_8);
      process = start(command.run(program.language(), code.length));
      if (killed) {
        kill();
      }
      CountDownLatch others = new CountDownLatch(2);
      beside(() -> stderr.read(process.getErrorStream()), others);
      beside(() -> feed(code), others);
      stdout.read(process.getInputStream());
      int exit = process.waitFor();
      others.await();
      return new Outcome(
          exit,
          timedOut,
          stdout.text(),
          stderr.text(),
          stdout.isCut() || stderr.isCut(),
          (nanoTime.getAsLong() - startedAt) / 1_000_000);
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

    private void feed(byte[] code) {
      try (OutputStream in = process.getOutputStream()) {
        in.write(code);
        in.write(program.stdin().getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It does not read all of it.
      }
    }
  }
}
