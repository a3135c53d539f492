package io.muster.hub.task;

import io.vertx.core.Future;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this hub's lease, takes over the tasks of hubs whose lease has run out, and forgets old
 * tasks. Used on the hub's event loop.
 */
final class Leases {
  private static final Logger log = LoggerFactory.getLogger(Leases.class);
  private static final int FORGET_AT_ONCE = 1_000;

  private final TaskStore store;
  private final Runnable lost;
  private final Consumer<List<TaskView>> taken;
  private boolean renewing;
  private boolean looking;

  /**
   * @param lost is told when other hubs have this one's tasks
   * @param taken is told of those that this hub got
   */
  Leases(TaskStore store, Runnable lost, Consumer<List<TaskView>> taken) {
    this.store = store;
    this.lost = lost;
    this.taken = taken;
  }

  /** The first lease, and whatever is left of hubs that are no more. */
  Future<Void> start() {
    return store.renew().compose(first -> store.takeOver()).compose(this::load).mapEmpty();
  }

  /**
   * Only those that were taken over: of a task that this hub had, a row may tell what was so before
   * the last commit.
   */
  private Future<?> load(Set<String> ids) {
    if (ids.isEmpty()) {
      return Future.succeededFuture();
    }
    log.info("{} tasks of hubs before are taken over", ids.size());
    return store.mine(
        page ->
            taken.accept(page.stream().filter(task -> ids.contains(task.spec().id())).toList()));
  }

  /** Called several times in a lease's length. */
  void renew() {
    if (renewing) {
      return;
    }
    renewing = true;
    store
        .renew()
        .onComplete(
            done -> {
              renewing = false;
              if (done.failed()) {
                log.warn(
                    "the lease of this hub's tasks is not renewed: {}", done.cause().getMessage());
              } else if (!done.result()) {
                log.warn("this hub's lease had run out: others have its tasks");
                lost.run();
                look();
              }
            });
  }

  /** Called about once in a lease's length. */
  void look() {
    if (looking) {
      return;
    }
    looking = true;
    store
        .takeOver()
        .compose(this::load)
        .onComplete(
            done -> {
              looking = false;
              if (done.failed()) {
                log.warn("tasks are not taken over: {}", done.cause().getMessage());
              }
            });
  }

  /** Called once in a while. */
  void forget() {
    store
        .forget(FORGET_AT_ONCE)
        .onSuccess(
            count -> {
              if (count == FORGET_AT_ONCE) {
                forget();
              }
            })
        .onFailure(cause -> log.warn("old tasks are not forgotten: {}", cause.getMessage()));
  }
}
