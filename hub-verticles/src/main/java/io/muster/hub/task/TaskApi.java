package io.muster.hub.task;

import io.muster.hub.auth.AdminGuard;
import io.muster.hub.auth.Role;
import io.muster.hub.http.Api;
import io.muster.hub.http.ApiCall;
import io.muster.hub.http.ApiErrors;
import io.muster.hub.http.ApiReply;
import io.muster.hub.http.ApiRoutes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Tasks over HTTP: made, asked for, waited for, followed, cancelled, tried again. */
final class TaskApi implements ApiRoutes {
  private static final int PAGE = 50;
  private static final int LARGEST_PAGE = 500;
  private static final long LONGEST_WAIT_MS = 300_000;

  private final TaskDesk desk;
  private final TaskStore store;
  private final TaskRequest requests;
  private final TaskFollowers followers;
  private final AdminGuard guard;

  TaskApi(
      TaskDesk desk,
      TaskStore store,
      TaskRequest requests,
      TaskFollowers followers,
      AdminGuard guard) {
    this.desk = desk;
    this.store = store;
    this.requests = requests;
    this.followers = followers;
    this.guard = guard;
  }

  @Override
  public void add(Router router, Api api) {
    router.post("/api/tasks").handler(api.forCallers(this::create));
    router.get("/api/tasks").handler(api.forCallers(this::list));
    router.get("/api/tasks/:id").handler(api.forCallers(this::show));
    router.delete("/api/tasks/:id").handler(api.forCallers(this::cancel));
    router.post("/api/tasks/:id/retry").handler(api.forCallers(this::retry));
    router.get("/api/tasks/:id/events").handler(api.forCallers(this::events));
    router
        .get("/api/admin/tasks/pending")
        .handler(guard.forAdmins(api, Role.VIEWER, (call, user) -> pending(call)));
  }

  private Future<ApiReply> create(ApiCall call) {
    long waitMs = wait(call);
    return call.body()
        .map(body -> requests.read(body, call.caller()))
        .compose(spec -> desk.submit(spec).compose(added -> created(call, spec, added, waitMs)));
  }

  private Future<ApiReply> created(ApiCall call, TaskSpec spec, Write.Added added, long waitMs) {
    if (added.missing() != null) {
      throw ApiErrors.invalid(
          "dependsOn",
          "'dependsOn': there is no task "
              + added.missing()
              + " (any more): a task depends on ones that were made before it.");
    }
    TaskView task = added.task();
    if (!added.created() && !task.spec().hash().equals(spec.hash())) {
      throw ApiErrors.of(
          409,
          "idempotency_conflict",
          "The idempotencyKey belongs to the task "
              + task.spec().id()
              + ", which was asked for with another body: take another key for another task.");
    }
    if (wantsStream(call)) {
      return followers.follow(call, task);
    }
    return followers
        .await(call, task, waitMs)
        .map(
            now ->
                ApiReply.of(
                        added.created() ? 201 : now.status().isFinal() ? 200 : 202,
                        TaskJson.whole(now))
                    .with("location", "/api/tasks/" + now.spec().id()));
  }

  private Future<ApiReply> show(ApiCall call) {
    long waitMs = wait(call);
    return find(call)
        .compose(
            task ->
                wantsStream(call)
                    ? followers.follow(call, task)
                    : followers
                        .await(call, task, waitMs)
                        .map(now -> ApiReply.ok(TaskJson.whole(now))));
  }

  private Future<ApiReply> events(ApiCall call) {
    return find(call).compose(task -> followers.follow(call, task));
  }

  private Future<ApiReply> list(ApiCall call) {
    int limit = (int) call.query("limit", 1, LARGEST_PAGE, PAGE);
    TaskStatus status = call.query("status").map(TaskApi::status).orElse(null);
    return store
        .list(
            new TaskStore.Filter(
                status,
                call.query("tool").orElse(null),
                call.query("node").orElse(null),
                call.query("cursor").orElse(null),
                limit + 1))
        .map(tasks -> ApiReply.ok(page(tasks, limit, TaskJson::brief)));
  }

  private Future<ApiReply> pending(ApiCall call) {
    int limit = (int) call.query("limit", 1, LARGEST_PAGE, PAGE);
    return store
        .pending(call.query("cursor").orElse(null), limit + 1)
        .map(
            tasks ->
                ApiReply.ok(
                    page(
                            tasks,
                            limit,
                            task -> TaskJson.brief(task).put("reason", desk.reason(task)))
                        .put("waiting", desk.waiting())));
  }

  private static JsonObject page(
      List<TaskView> tasks, int limit, Function<TaskView, JsonObject> json) {
    boolean more = tasks.size() > limit;
    List<TaskView> shown = new ArrayList<>(more ? tasks.subList(0, limit) : tasks);
    JsonArray array = new JsonArray();
    shown.forEach(task -> array.add(json.apply(task)));
    return new JsonObject()
        .put("tasks", array)
        .put("nextCursor", more ? shown.get(limit - 1).spec().id() : null);
  }

  private Future<ApiReply> cancel(ApiCall call) {
    String id = call.path("id");
    return desk.cancel(id, "cancelled by " + call.caller())
        .compose(
            cancelled -> {
              if (!cancelled.found()) {
                throw notFound(id);
              }
              if (cancelled.before().isFinal() && cancelled.before() != TaskStatus.CANCELLED) {
                throw ApiErrors.of(
                    409,
                    "task_ended",
                    "The task " + id + " has ended already: " + cancelled.before().label() + ".");
              }
              return answer(id);
            });
  }

  private Future<ApiReply> retry(ApiCall call) {
    String id = call.path("id");
    return desk.revive(id)
        .compose(
            revived -> {
              if (!revived.found()) {
                throw notFound(id);
              }
              if (revived.before() != TaskStatus.DEAD && revived.before() != TaskStatus.FAILED) {
                throw ApiErrors.of(
                    409,
                    "task_not_dead",
                    "Only a dead or failed task is tried again, this one is "
                        + revived.before().label()
                        + ".");
              }
              if (revived.blockedBy() != null) {
                throw ApiErrors.of(
                    409,
                    "dependency_failed",
                    "It depends on " + revived.blockedBy() + ": try that one again first.");
              }
              return answer(id);
            });
  }

  private Future<ApiReply> answer(String id) {
    return store
        .find(id)
        .map(found -> ApiReply.ok(TaskJson.whole(found.orElseThrow(() -> notFound(id)))));
  }

  private Future<TaskView> find(ApiCall call) {
    String id = call.path("id");
    return store.find(id).map(found -> found.orElseThrow(() -> notFound(id)));
  }

  private static long wait(ApiCall call) {
    return call.query("wait", 0, LONGEST_WAIT_MS, 0);
  }

  private static boolean wantsStream(ApiCall call) {
    return Optional.ofNullable(call.request().getHeader("accept"))
        .filter(accept -> accept.toLowerCase(Locale.ROOT).contains("text/event-stream"))
        .isPresent();
  }

  private static TaskStatus status(String label) {
    return TaskStatus.of(label)
        .orElseThrow(
            () ->
                ApiErrors.invalid(
                    "status",
                    "'status' has to be one of waiting, queued, running, completed, failed,"
                        + " skipped, cancelled, dead."));
  }

  private static RuntimeException notFound(String id) {
    return ApiErrors.notFound("task_not_found", "There is no task " + id + ", or no more.");
  }
}
