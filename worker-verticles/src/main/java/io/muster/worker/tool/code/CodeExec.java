package io.muster.worker.tool.code;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.CheckedTool;
import io.muster.worker.tool.Schema;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.function.Consumer;

/** Runs code in a sandbox, so many at once; what waits does so within its task's time. */
final class CodeExec extends CheckedTool {
  static final String NAME = "code_exec";
  private static final int LONGEST_CODE = 200_000;

  private final Sandbox sandbox;
  private final int maxTimeoutMs;
  private final int concurrent;
  private final Consumer<Throwable> broken;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private int running;

  /**
   * @param broken is told why the sandbox could not run something
   */
  CodeExec(
      Sandbox sandbox,
      Set<Language> languages,
      int maxTimeoutMs,
      int concurrent,
      Consumer<Throwable> broken) {
    super(
        NAME,
        "Runs a program and gives what it writes. It has no network and none of this machine's"
            + " files, can write to /tmp only, and nothing of it stays.",
        new Schema()
            .choice("language", "What it is written in.", Language.labels(languages))
            .text("code", 1, LONGEST_CODE, "The program.")
            .text("stdin", 0, LONGEST_CODE, "What it reads from its standard input.")
            .integer("timeout_ms", 100, maxTimeoutMs, "When to stop it, in milliseconds.")
            .required("language", "code")
            .build());
    this.sandbox = sandbox;
    this.maxTimeoutMs = maxTimeoutMs;
    this.concurrent = concurrent;
    this.broken = broken;
  }

  private record Waiting(JsonObject args, ToolContext context, Promise<Object> result) {}

  @Override
  protected Future<Object> checked(JsonObject args, ToolContext context) {
    Waiting one = new Waiting(args, context, Promise.promise());
    waiting.add(one);
    context.whenOver(() -> waiting.remove(one));
    next();
    return one.result().future();
  }

  private void next() {
    while (running < concurrent && !waiting.isEmpty()) {
      start(waiting.poll());
    }
  }

  private void start(Waiting one) {
    running++;
    Sandbox.Run run =
        sandbox.run(
            new Program(
                Language.of(one.args().getString("language")),
                one.args().getString("code"),
                one.args().getString("stdin", ""),
                Math.max(
                    1,
                    Math.min(
                        one.args().getInteger("timeout_ms", maxTimeoutMs),
                        one.context().leftMs()))));
    one.context().whenOver(run::kill);
    run.outcome()
        .<Object>map(Outcome::toJson)
        .recover(cause -> Future.failedFuture(failure(one.context(), cause)))
        .onComplete(
            done -> {
              running--;
              one.result().handle(done);
              next();
            });
  }

  private ToolException failure(ToolContext context, Throwable cause) {
    if (cause instanceof ToolException refused) {
      return refused;
    }
    if (!context.isOver()) {
      broken.accept(cause);
    }
    return new ToolException(
        TaskError.of("sandbox_failed", "the node's sandbox could not run it; try again"));
  }
}
