package io.muster.bench.nodes;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Asks a hub for tasks of the tool {@code echo}, so many at once, each next one when the last was
 * accepted and whoever waits for it lets go. Used on the benchmark's one event loop, once.
 */
final class TaskLoad {
  /** What the tool has to give back. */
  static final JsonObject RESULT = new JsonObject().put("text", "fox");

  static final Buffer TASK =
      new JsonObject().put("toolName", "echo").put("toolArgs", RESULT).toBuffer();

  private final HubClient hub;
  private final BooleanSupplier more;
  private final Accepted accepted;
  private final Set<String> ids = new HashSet<>();
  private final Map<String, Long> errors = new TreeMap<>();

  /** Hears of a task that was accepted. */
  interface Accepted {
    /**
     * The next task is asked for when the future is done.
     *
     * @param askedAt {@link System#nanoTime} when it was asked for
     * @param acceptedAt when the 201 was there
     */
    Future<?> of(String taskId, long askedAt, long acceptedAt);
  }

  /**
   * @param more whether one more is to be asked for
   */
  TaskLoad(HubClient hub, BooleanSupplier more, Accepted accepted) {
    this.hub = hub;
    this.more = more;
    this.accepted = accepted;
  }

  Future<Void> run(int atOnce) {
    List<Future<Void>> lanes = new ArrayList<>();
    for (int i = 0; i < atOnce; i++) {
      Promise<Void> done = Promise.promise();
      next(done);
      lanes.add(done.future());
    }
    return Future.all(lanes).mapEmpty();
  }

  private void next(Promise<Void> done) {
    if (!more.getAsBoolean()) {
      done.complete();
      return;
    }
    long askedAt = System.nanoTime();
    hub.post("/api/tasks", TASK)
        .compose(answer -> answered(answer, askedAt))
        .onFailure(cause -> error(cause.toString()))
        .onComplete(settled -> next(done));
  }

  private Future<?> answered(HubClient.Answer answer, long askedAt) {
    if (answer.status() != 201) {
      error("status " + answer.status());
      return Future.succeededFuture();
    }
    long acceptedAt = System.nanoTime();
    String id = answer.body().toJsonObject().getString("taskId");
    ids.add(id);
    return accepted.of(id, askedAt, acceptedAt);
  }

  private void error(String kind) {
    errors.merge(kind, 1L, Long::sum);
  }

  /** The tasks that were accepted. */
  Set<String> ids() {
    return ids;
  }

  Map<String, Long> errors() {
    return errors;
  }
}
