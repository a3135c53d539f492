package io.muster.hub.task;

import io.muster.task.TaskNews;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Clients that wait for news of a task. Used on the hub's event loop. */
final class TaskWatchers {
  private final Map<String, List<Consumer<TaskNews.Change>>> byTask = new HashMap<>();
  private int size;

  /**
   * Tells of each change from now on.
   *
   * @return ends it
   */
  Runnable watch(String taskId, Consumer<TaskNews.Change> watcher) {
    byTask.computeIfAbsent(taskId, id -> new ArrayList<>(1)).add(watcher);
    size++;
    return () -> {
      List<Consumer<TaskNews.Change>> watchers = byTask.get(taskId);
      if (watchers != null && watchers.remove(watcher)) {
        size--;
        if (watchers.isEmpty()) {
          byTask.remove(taskId);
        }
      }
    };
  }

  void tell(TaskNews.Change change) {
    if (size == 0) {
      return;
    }
    List<Consumer<TaskNews.Change>> watchers = byTask.get(change.taskId());
    if (watchers != null) {
      List.copyOf(watchers).forEach(watcher -> watcher.accept(change));
    }
  }

  int size() {
    return size;
  }
}
