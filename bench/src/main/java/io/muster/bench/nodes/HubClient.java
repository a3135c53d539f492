package io.muster.bench.nodes;

import io.muster.bench.subject.Running;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the benchmark asks a hub over HTTP, on keep-alive connections. */
final class HubClient {
  private static final Pattern COMPLETED =
      Pattern.compile("(?m)^muster_tasks_total\\{[^}]*outcome=\"completed\"[^}]*} (\\S+)$");
  private static final int PAGE = 500;
  private static final int CONNECTIONS = 16;
  private static final long READY_NANOS = 60_000_000_000L;

  private final HttpClient client;
  private final int port;

  HubClient(Vertx vertx, Running hub) {
    this.client = vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(CONNECTIONS));
    this.port = hub.port();
  }

  /**
   * Waits until the hub answers for tasks.
   *
   * @throws IllegalStateException if it does not within a minute
   */
  void awaitReady(EventLoop loop, Running running) throws InterruptedException {
    await(loop, running, () -> get("/api/tasks").map(answer -> answer.status() == 200));
  }

  /** Waits until a task is run, and examines what comes of it. */
  void awaitTool(EventLoop loop, Running running) throws InterruptedException {
    await(
        loop,
        running,
        () ->
            post("/api/tasks?wait=10000", TaskLoad.TASK)
                .map(answer -> answer.body().toJsonObject())
                .map(task -> TaskLoad.RESULT.equals(task.getJsonObject("result"))));
  }

  private static void await(EventLoop loop, Running running, Supplier<Future<Boolean>> question)
      throws InterruptedException {
    long end = System.nanoTime() + READY_NANOS;
    while (!loop.call(() -> question.get().otherwise(false))) {
      running.requireAlive();
      if (System.nanoTime() > end) {
        throw new IllegalStateException(running.name() + ": the hub does not answer as it should");
      }
      Thread.sleep(100);
    }
  }

  /** An answer, whole. */
  record Answer(int status, Buffer body) {}

  Future<Answer> post(String path, Buffer json) {
    return client
        .request(HttpMethod.POST, port, "127.0.0.1", path)
        .compose(request -> request.putHeader("content-type", "application/json").send(json))
        .compose(response -> response.body().map(body -> new Answer(response.statusCode(), body)));
  }

  Future<Answer> get(String path) {
    return client
        .request(HttpMethod.GET, port, "127.0.0.1", path)
        .compose(request -> request.send())
        .compose(response -> response.body().map(body -> new Answer(response.statusCode(), body)));
  }

  /** Tasks that the hub has brought to their end since it started, with success. */
  Future<Long> completed() {
    return get("/metrics")
        .map(
            answer -> {
              Matcher line = COMPLETED.matcher(answer.body().toString());
              return line.find() ? (long) Double.parseDouble(line.group(1)) : 0L;
            });
  }

  /** Takes those out of the set that the hub lists as completed; what stays is not. */
  Future<Void> removeCompleted(Set<String> ids) {
    return removeCompleted(ids, "");
  }

  private Future<Void> removeCompleted(Set<String> ids, String cursor) {
    return get("/api/tasks?status=completed&limit=" + PAGE + cursor)
        .compose(
            answer -> {
              JsonObject page = answer.body().toJsonObject();
              JsonArray tasks = page.getJsonArray("tasks");
              for (int i = 0; i < tasks.size(); i++) {
                ids.remove(tasks.getJsonObject(i).getString("taskId"));
              }
              String next = page.getString("nextCursor");
              return ids.isEmpty() || next == null
                  ? Future.succeededFuture()
                  : removeCompleted(ids, "&cursor=" + next);
            });
  }

  Future<Void> close() {
    return client.close();
  }
}
