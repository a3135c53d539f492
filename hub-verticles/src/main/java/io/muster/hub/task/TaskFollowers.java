package io.muster.hub.task;

import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiReply;
import io.muster.task.TaskNews;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/**
 * Clients that wait for the end of a task, or follow it as server-sent events. What they are told
 * is read from the database whenever there is news, so that it is the truth on every hub. Used on
 * the hub's event loop.
 */
final class TaskFollowers {
  /** News may get lost between hubs. */
  private static final long LOOK_MS = 5_000;

  private static final String KEEP_ALIVE = ": keep-alive\n\n";

  private final Vertx vertx;
  private final TaskStore store;
  private final TaskWatchers watchers;

  TaskFollowers(Vertx vertx, TaskStore store, TaskWatchers watchers) {
    this.vertx = vertx;
    this.store = store;
    this.watchers = watchers;
  }

  /**
   * Waits for its end.
   *
   * @param waitMs at most; 0 for not at all
   * @return the task as it is then
   */
  Future<TaskView> await(ApiCall call, TaskView task, long waitMs) {
    if (waitMs == 0 || task.status().isFinal()) {
      return Future.succeededFuture(task);
    }
    String id = task.spec().id();
    Promise<Void> ended = Promise.promise();
    Runnable look =
        () ->
            store
                .find(id)
                .onSuccess(
                    now -> {
                      if (now.isEmpty() || now.get().status().isFinal()) {
                        ended.tryComplete();
                      }
                    });
    Runnable unwatch =
        watchers.watch(
            id,
            change -> {
              if (isEnd(change)) {
                ended.tryComplete();
              }
            });
    call.whenGone(() -> ended.tryFail("the client went away"));
    call.whenStopping(ended::tryComplete);
    long timer = vertx.setTimer(waitMs, over -> ended.tryComplete());
    long looks = vertx.setPeriodic(LOOK_MS, looking -> look.run());
    // It may have ended before it was watched.
    look.run();
    return ended
        .future()
        .onComplete(
            done -> {
              unwatch.run();
              vertx.cancelTimer(timer);
              vertx.cancelTimer(looks);
            })
        .compose(v -> store.find(id))
        .map(now -> now.orElse(task));
  }

  private static boolean isEnd(TaskNews.Change change) {
    return TaskStatus.of(change.status()).map(TaskStatus::isFinal).orElse(false);
  }

  /**
   * Streams every state of a task until its end: {@code event: task} with all of it, {@code event:
   * progress} with what the tool says meanwhile.
   *
   * @return never completes: the answer is written here
   */
  Future<ApiReply> follow(ApiCall call, TaskView task) {
    new Stream(call, task.spec().id()).begin(task);
    return Promise.<ApiReply>promise().future();
  }

  /** One client's stream. */
  private final class Stream {
    private final ApiCall call;
    private final String id;
    private final HttpServerResponse response;
    private String last = "";
    private TaskView shown;
    private Runnable unwatch = () -> {};
    private long timer;
    private boolean reading;
    private boolean again;
    private boolean over;

    Stream(ApiCall call, String id) {
      this.call = call;
      this.id = id;
      this.response = call.request().response();
    }

    void begin(TaskView task) {
      if (call.over()) {
        return;
      }
      response
          .putHeader("content-type", "text/event-stream")
          .putHeader("cache-control", "no-store")
          .putHeader("x-accel-buffering", "no");
      if (call.request().version() != HttpVersion.HTTP_1_0) {
        response.setChunked(true);
      }
      call.whenGone(this::close);
      call.whenStopping(this::end);
      unwatch = watchers.watch(id, this::heard);
      timer =
          vertx.setPeriodic(
              LOOK_MS,
              tick -> {
                write(KEEP_ALIVE);
                read();
              });
      show(task);
      if (!over) {
        read();
      }
    }

    private void heard(TaskNews.Change change) {
      if (change.progress() == null) {
        read();
      } else if (isOfPresentAttempt(change) && !response.writeQueueFull()) {
        write(
            event(
                "progress",
                new JsonObject()
                    .put("taskId", id)
                    .put("attempt", change.attempt())
                    .put("nodeId", change.nodeId())
                    .put("progress", Json.value(Json.text(change.progress())))));
      }
    }

    /** Any node can say how far it is with whatever task. */
    private boolean isOfPresentAttempt(TaskNews.Change change) {
      return shown.attempt() == change.attempt() && change.nodeId().equals(shown.nodeId());
    }

    /** One look at a time; of several that are due, one. */
    private void read() {
      if (reading) {
        again = true;
        return;
      }
      reading = true;
      store
          .find(id)
          .onComplete(
              found -> {
                reading = false;
                if (over) {
                  return;
                }
                if (found.succeeded()) {
                  Optional<TaskView> now = found.result();
                  now.ifPresentOrElse(this::show, this::end);
                }
                if (again && !over) {
                  again = false;
                  read();
                }
              });
    }

    private void show(TaskView task) {
      shown = task;
      String event = event("task", TaskJson.whole(task));
      if (!event.equals(last)) {
        last = event;
        write(event);
      }
      if (task.status().isFinal()) {
        end();
      }
    }

    private void write(String text) {
      if (!over && !call.over()) {
        var unused = response.write(text);
      }
    }

    private void end() {
      if (!over) {
        close();
        if (!call.over()) {
          var unused = response.end();
        }
      }
    }

    private void close() {
      over = true;
      unwatch.run();
      vertx.cancelTimer(timer);
    }
  }

  private static String event(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + data.encode() + "\n\n";
  }
}
