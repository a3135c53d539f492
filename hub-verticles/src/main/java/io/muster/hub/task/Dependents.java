package io.muster.hub.task;

import io.muster.task.TaskNews;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What ended tasks mean for those that depend on them: one whose last dependency completed may
 * begin, one of whose dependencies did not fails or is skipped, and so on. Runs in the transaction
 * in which they ended. There can be no cycles: a task depends only on ones that were there before.
 */
final class Dependents {
  private static final int AT_ONCE = 64;
  private static final String WHO = "SELECT task_id FROM task_dependency WHERE depends_on IN (";

  /** Locked, so that two hubs that end its last two dependencies do not both wait for the other. */
  private static final String LOCK =
      "SELECT " + Rows.COLUMNS + " FROM task WHERE id = ? AND status = 'waiting' FOR UPDATE";

  private static final String FAILED =
      "SELECT t.id FROM task_dependency d JOIN task t ON t.id = d.depends_on WHERE d.task_id = ?"
          + " AND t.status IN ('failed', 'dead', 'skipped', 'cancelled') ORDER BY t.id";
  private static final String OPEN =
      "SELECT t.id FROM task_dependency d JOIN task t ON t.id = d.depends_on WHERE d.task_id = ?"
          + " AND t.status IN ('waiting', 'queued', 'running')";
  private static final String QUEUE = "UPDATE task SET status = 'queued' WHERE id = ?";
  private static final String END =
      "UPDATE task SET status = ?, error = ?, ended_at = ?, hub_id = NULL WHERE id = ?";

  private final Connection connection;
  private final long now;

  Dependents(Connection connection, long now) {
    this.connection = connection;
    this.now = now;
  }

  /**
   * @param changes tasks that ended are looked at, others are not
   * @return what else changed by that
   */
  List<TaskNews.Change> resolve(List<TaskNews.Change> changes) throws SQLException {
    Deque<String> ended = new ArrayDeque<>();
    for (TaskNews.Change change : changes) {
      if (TaskStatus.of(change.status()).orElseThrow().isFinal()) {
        ended.add(change.taskId());
      }
    }
    Map<String, TaskNews.Change> more = new HashMap<>();
    List<TaskNews.Change> inOrder = new ArrayList<>();
    while (!ended.isEmpty()) {
      for (String id : dependentsOf(take(ended))) {
        TaskNews.Change change = more.containsKey(id) ? null : look(id);
        if (change != null) {
          more.put(id, change);
          inOrder.add(change);
          if (change.holder() == null) {
            ended.add(id);
          }
        }
      }
    }
    return inOrder;
  }

  private static List<String> take(Deque<String> from) {
    List<String> some = new ArrayList<>();
    while (some.size() < AT_ONCE && !from.isEmpty()) {
      some.add(from.poll());
    }
    return some;
  }

  private List<String> dependentsOf(List<String> ids) throws SQLException {
    // Of one length, so that the statement is prepared once.
    Object[] values = new Object[ids.size() == 1 ? 1 : AT_ONCE];
    for (int i = 0; i < values.length; i++) {
      values[i] = ids.get(Math.min(i, ids.size() - 1));
    }
    return Rows.texts(connection, WHO + Rows.marks(values.length) + ") ORDER BY task_id", values)
        .stream()
        .distinct()
        .toList();
  }

  private TaskNews.Change look(String id) throws SQLException {
    List<TaskView> waiting = Rows.tasks(connection, LOCK, id);
    if (waiting.isEmpty()) {
      return null;
    }
    TaskView task = waiting.get(0);
    List<String> failed = Rows.texts(connection, FAILED, id);
    if (!failed.isEmpty()) {
      TaskStatus status = task.spec().skips() ? TaskStatus.SKIPPED : TaskStatus.FAILED;
      Rows.update(connection, END, status.label(), Errors.dependency(failed.get(0)), now, id);
      return Batch.change(id, task.spec().toolName(), status, task.attempt(), null, null, 0);
    }
    if (!Rows.texts(connection, OPEN, id).isEmpty()) {
      return null;
    }
    Rows.update(connection, QUEUE, id);
    return Batch.change(
        id, task.spec().toolName(), TaskStatus.QUEUED, task.attempt(), task.hubId(), null, 0);
  }
}
