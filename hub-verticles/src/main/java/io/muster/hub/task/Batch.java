package io.muster.hub.task;

import io.muster.hub.storage.StorableText;
import io.muster.task.TaskNews;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Several writes as one transaction: what comes often goes to the database in one piece, the rest
 * one by one. Runs on a database thread; one instance is for one try of the transaction.
 */
final class Batch {
  private static final String ADD =
      "INSERT INTO task ("
          + Rows.COLUMNS
          + ") VALUES ("
          + Rows.marks(28)
          + ") ON CONFLICT DO NOTHING";
  private static final String ADD_DEPENDENCY =
      "INSERT INTO task_dependency (task_id, depends_on) VALUES (?, ?)";
  private static final String SAME_KEY =
      "SELECT " + Rows.COLUMNS + " FROM task WHERE caller = ? AND idempotency_key = ?";
  private static final String LOCK =
      "SELECT " + Rows.COLUMNS + " FROM task WHERE id = ? FOR UPDATE";
  private static final String CLAIM =
      "UPDATE task SET status = 'running', attempt = ?, node_id = ?, node_instance = ?,"
          + " started_at = ? WHERE id = ? AND attempt = ? AND status = 'queued' AND hub_id = ?";
  private static final String ARGS = "SELECT args FROM task WHERE id = ?";
  private static final String COMPLETE =
      "UPDATE task SET status = 'completed', result = ?, error = NULL, ended_at = ?, hub_id = NULL"
          + " WHERE id = ? AND attempt = ? AND node_id = ? AND status = 'running'";
  private static final String AGAIN =
      "UPDATE task SET status = ?, tries_left = ?, losses = ?, not_before = ?, attempts = ?,"
          + " error = ?, ended_at = ?, hub_id = ? WHERE id = ?";
  private static final String CANCEL =
      "UPDATE task SET status = 'cancelled', error = ?, ended_at = ?, hub_id = NULL WHERE id = ?";
  private static final String REVIVE =
      "UPDATE task SET status = ?, tries_left = retries, losses = 0, not_before = 0, attempts = ?,"
          + " error = NULL, ended_at = NULL, hub_id = ? WHERE id = ?";

  private final Connection connection;
  private final String hubId;
  private final RetryRule rule;
  private final long now;
  private final Map<Write<?>, Object> results = new IdentityHashMap<>();
  private final List<TaskNews.Change> changes = new ArrayList<>();
  private final Dependents dependents;

  Batch(Connection connection, String hubId, RetryRule rule, long now) {
    this.connection = connection;
    this.hubId = hubId;
    this.rule = rule;
    this.now = now;
    this.dependents = new Dependents(connection, now);
  }

  /**
   * What came of it.
   *
   * @param results of each write
   * @param changes in the order in which they were made
   */
  record Done(Map<Write<?>, Object> results, List<TaskNews.Change> changes) {}

  Done run(List<Write<?>> writes) throws SQLException {
    List<Write.Add> adds = new ArrayList<>();
    List<Write.Settle> completions = new ArrayList<>();
    List<Write.Claim> claims = new ArrayList<>();
    List<Write<?>> rest = new ArrayList<>();
    for (Write<?> write : writes) {
      if (write instanceof Write.Add add) {
        if (add.spec().dependsOn().isEmpty()) {
          adds.add(add);
        } else {
          rest.add(add);
        }
      } else if (write instanceof Write.Claim claim) {
        claims.add(claim);
      } else if (write instanceof Write.Settle settle
          && settle.outcome().kind() == Outcome.Kind.COMPLETED) {
        completions.add(settle);
      } else {
        rest.add(write);
      }
    }
    add(adds);
    complete(completions);
    for (Write<?> write : rest) {
      one(write);
    }
    changes.addAll(dependents.resolve(changes));
    claim(claims);
    return new Done(results, changes);
  }

  private void one(Write<?> write) throws SQLException {
    if (write instanceof Write.Add add) {
      addDependent(add);
    } else if (write instanceof Write.Settle settle) {
      results.put(settle, settle(settle));
    } else if (write instanceof Write.Cancel cancel) {
      results.put(cancel, cancel(cancel));
    } else if (write instanceof Write.Revive revive) {
      results.put(revive, revive(revive));
    }
  }

  private void add(List<Write.Add> adds) throws SQLException {
    if (adds.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
      for (Write.Add add : adds) {
        fill(statement, add.spec(), TaskStatus.QUEUED, null);
        statement.addBatch();
      }
      int[] counts = statement.executeBatch();
      for (int i = 0; i < counts.length; i++) {
        added(adds.get(i), counts[i] != 0, TaskStatus.QUEUED);
      }
    }
  }

  private void added(Write.Add add, boolean created, TaskStatus status) throws SQLException {
    TaskSpec spec = add.spec();
    Write.Added known =
        created
            ? new Write.Added(TaskView.created(spec, status, hubId), true, null)
            : known(spec)
                .orElseThrow(
                    () -> new SQLException("a task with the same key came and went", "40001"));
    results.put(add, known);
  }

  /** The task that was made for the same request, or for another one with the same key. */
  private Optional<Write.Added> known(TaskSpec spec) throws SQLException {
    // By this very request, when this runs again because its commit was not answered.
    Optional<TaskView> own = lock(spec.id());
    if (own.isPresent()) {
      return Optional.of(new Write.Added(own.get(), true, null));
    }
    return Rows.tasks(connection, SAME_KEY, spec.caller(), StorableText.of(spec.idempotencyKey()))
        .stream()
        .findFirst()
        .map(same -> new Write.Added(same, false, null));
  }

  /** Its dependencies' rows are locked, so that none can end between the look and the insertion. */
  private void addDependent(Write.Add add) throws SQLException {
    TaskSpec spec = add.spec();
    Optional<Write.Added> known = known(spec);
    if (known.isPresent()) {
      // What it depends on may be forgotten by now.
      results.put(add, known.get());
      return;
    }
    TaskStatus status = TaskStatus.QUEUED;
    String failed = null;
    for (String id : spec.dependsOn().stream().sorted().distinct().toList()) {
      Optional<TaskView> found = lock(id);
      if (found.isEmpty()) {
        results.put(add, new Write.Added(null, false, id));
        return;
      }
      TaskStatus its = found.get().status();
      if (!its.isFinal()) {
        status = TaskStatus.WAITING;
      } else if (its != TaskStatus.COMPLETED && failed == null) {
        failed = id;
      }
    }
    if (failed != null) {
      status = spec.skips() ? TaskStatus.SKIPPED : TaskStatus.FAILED;
    }
    boolean created;
    try (PreparedStatement statement = connection.prepareStatement(ADD)) {
      fill(statement, spec, status, failed);
      created = statement.executeUpdate() != 0;
    }
    if (created) {
      for (String id : spec.dependsOn().stream().distinct().toList()) {
        Rows.update(connection, ADD_DEPENDENCY, spec.id(), id);
      }
    }
    added(add, created, status);
    if (created && status.isFinal()) {
      changes.add(change(spec.id(), spec.toolName(), status, 0, null, null, 0));
    }
  }

  private void fill(
      PreparedStatement statement, TaskSpec spec, TaskStatus status, String failedDependency)
      throws SQLException {
    boolean ended = status.isFinal();
    Rows.set(
        statement,
        spec.id(),
        spec.caller(),
        StorableText.of(spec.idempotencyKey()),
        spec.hash(),
        spec.toolName(),
        spec.args(),
        spec.needs().capability(),
        spec.needs().nodeId(),
        Rows.json(spec.needs().tags()),
        spec.timeoutMs(),
        spec.priority(),
        spec.retries(),
        Rows.json(spec.dependsOn()),
        spec.skips() ? "skip" : "fail",
        status.label(),
        0L,
        spec.retries(),
        0,
        ended ? null : hubId,
        null,
        null,
        0L,
        null,
        null,
        ended ? Errors.dependency(failedDependency) : null,
        spec.createdAt(),
        null,
        ended ? now : null);
  }

  private void complete(List<Write.Settle> completions) throws SQLException {
    if (completions.isEmpty()) {
      return;
    }
    int[] counts;
    try (PreparedStatement statement = connection.prepareStatement(COMPLETE)) {
      for (Write.Settle settle : completions) {
        Rows.set(
            statement,
            StorableText.of(settle.outcome().result()),
            now,
            settle.taskId(),
            settle.attempt(),
            settle.nodeId());
        statement.addBatch();
      }
      counts = statement.executeBatch();
    }
    for (int i = 0; i < counts.length; i++) {
      Write.Settle settle = completions.get(i);
      if (counts[i] == 0) {
        results.put(settle, refusal(settle, lock(settle.taskId())));
      } else {
        results.put(settle, Write.Settled.APPLIED);
        changes.add(
            change(
                settle.taskId(),
                null,
                TaskStatus.COMPLETED,
                settle.attempt(),
                null,
                settle.nodeId(),
                0));
      }
    }
  }

  private Write.Settled settle(Write.Settle settle) throws SQLException {
    Optional<TaskView> found = lock(settle.taskId());
    if (found.isEmpty() || !isPresent(settle, found.get())) {
      return refusal(settle, found);
    }
    TaskView task = found.get();
    TaskSpec spec = task.spec();
    RetryRule.Next next =
        rule.after(settle.outcome(), task.triesLeft(), spec.retries(), task.losses());
    TaskStatus status = next.status();
    boolean ended = status.isFinal();
    long notBefore = now + next.delayMs();
    String error = Errors.json(settle.outcome().error());
    Rows.update(
        connection,
        AGAIN,
        status.label(),
        next.triesLeft(),
        next.losses(),
        notBefore,
        // The last attempt of an ended task is told by the row itself.
        ended
            ? PastAttempts.text(task.attempts())
            : PastAttempts.with(task, settle.outcome().kind().label(), now, error),
        error,
        ended ? now : null,
        ended ? null : task.hubId(),
        settle.taskId());
    changes.add(
        change(
            spec.id(),
            spec.toolName(),
            status,
            task.attempt(),
            ended ? null : task.hubId(),
            task.nodeId(),
            notBefore));
    return Write.Settled.APPLIED;
  }

  private static boolean isPresent(Write.Settle settle, TaskView task) {
    return task.status() == TaskStatus.RUNNING
        && task.attempt() == settle.attempt()
        && (settle.nodeId() == null || settle.nodeId().equals(task.nodeId()));
  }

  private static Write.Settled refusal(Write.Settle settle, Optional<TaskView> found) {
    if (found.isEmpty()) {
      return Write.Settled.UNKNOWN;
    }
    TaskView task = found.get();
    boolean same =
        task.attempt() == settle.attempt()
            && task.nodeId() != null
            && task.nodeId().equals(settle.nodeId());
    boolean told =
        switch (task.status()) {
          case COMPLETED -> settle.outcome().kind() == Outcome.Kind.COMPLETED;
          case FAILED, DEAD, QUEUED -> settle.outcome().kind() != Outcome.Kind.COMPLETED;
          default -> false;
        };
    return same && told ? Write.Settled.REPEATED : Write.Settled.FENCED;
  }

  private Write.Cancelled cancel(Write.Cancel cancel) throws SQLException {
    Optional<TaskView> found = lock(cancel.taskId());
    if (found.isEmpty()) {
      return new Write.Cancelled(false, null, Optional.empty());
    }
    TaskView task = found.get();
    if (task.status().isFinal()) {
      return new Write.Cancelled(true, task.status(), Optional.empty());
    }
    Rows.update(connection, CANCEL, Errors.cancelled(cancel.reason()), now, cancel.taskId());
    TaskNews.Change change =
        change(
            task.spec().id(),
            task.spec().toolName(),
            TaskStatus.CANCELLED,
            task.attempt(),
            null,
            task.nodeId(),
            0);
    changes.add(change);
    return new Write.Cancelled(
        true,
        task.status(),
        task.status() == TaskStatus.RUNNING ? Optional.of(change) : Optional.empty());
  }

  private Write.Revived revive(Write.Revive revive) throws SQLException {
    Optional<TaskView> found = lock(revive.taskId());
    if (found.isEmpty()) {
      return new Write.Revived(false, null, null);
    }
    TaskView task = found.get();
    TaskStatus before = task.status();
    if (before != TaskStatus.DEAD && before != TaskStatus.FAILED) {
      return new Write.Revived(true, before, null);
    }
    TaskStatus status = TaskStatus.QUEUED;
    for (String id : task.spec().dependsOn().stream().sorted().distinct().toList()) {
      TaskStatus its = lock(id).map(TaskView::status).orElse(TaskStatus.COMPLETED);
      if (!its.isFinal()) {
        status = TaskStatus.WAITING;
      } else if (its != TaskStatus.COMPLETED) {
        return new Write.Revived(true, before, id);
      }
    }
    String past =
        task.attempt() == 0
            ? null
            : PastAttempts.with(task, PastAttempts.outcomeOf(task), task.endedAt(), task.error());
    Rows.update(connection, REVIVE, status.label(), past, hubId, revive.taskId());
    changes.add(
        change(
            task.spec().id(),
            task.spec().toolName(),
            status,
            task.attempt(),
            hubId,
            task.nodeId(),
            0));
    return new Write.Revived(true, before, null);
  }

  private void claim(List<Write.Claim> claims) throws SQLException {
    if (claims.isEmpty()) {
      return;
    }
    int[] counts;
    try (PreparedStatement statement = connection.prepareStatement(CLAIM)) {
      for (Write.Claim claim : claims) {
        Rows.set(
            statement,
            claim.attempt(),
            claim.nodeId(),
            claim.instance(),
            claim.at(),
            claim.spec().id(),
            claim.attempt() - 1,
            hubId);
        statement.addBatch();
      }
      counts = statement.executeBatch();
    }
    for (int i = 0; i < counts.length; i++) {
      Write.Claim claim = claims.get(i);
      TaskSpec spec = claim.spec();
      String args = spec.args();
      if (counts[i] != 0 && args == null) {
        args = Rows.texts(connection, ARGS, spec.id()).get(0);
      }
      results.put(claim, new Write.Claimed(counts[i] != 0, args));
      if (counts[i] != 0) {
        changes.add(
            change(
                spec.id(),
                spec.toolName(),
                TaskStatus.RUNNING,
                claim.attempt(),
                hubId,
                claim.nodeId(),
                0));
      }
    }
  }

  private Optional<TaskView> lock(String id) throws SQLException {
    return Rows.tasks(connection, LOCK, id).stream().findFirst();
  }

  static TaskNews.Change change(
      String id,
      String tool,
      TaskStatus status,
      long attempt,
      String holder,
      String nodeId,
      long notBefore) {
    return new TaskNews.Change(id, tool, status.label(), attempt, holder, nodeId, notBefore, null);
  }
}
