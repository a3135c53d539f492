package io.muster.hub.task;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.muster.task.TaskError;
import io.muster.task.TaskNews;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What tasks in the database promise, whichever it is. */
abstract class TaskStoreContract {
  private static final Outcome DONE = Outcome.completed("{\"x\":1}");
  private static final Outcome BROKEN = Outcome.of(TaskError.of("tool_failed", "it broke"));
  private static final Outcome WRONG = Outcome.of(TaskError.lasting("invalid_arguments", "no"));

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final RetryRule rule = new RetryRule(100, 1_000, 2, bound -> 0);
  private TestDatabase home;
  private Database database;
  private TaskStore store;

  abstract TestDatabase create();

  @BeforeEach
  void open() {
    home = create();
    database = home.open(vertx);
    store = store("hub-a");
    await(onLoop(store::renew));
  }

  @AfterEach
  void close() {
    if (database != null) {
      await(onLoop(database::close));
      home.close();
    }
    await(vertx.close());
  }

  @Test
  void aTaskComesBackAsItWasMade() {
    TaskSpec spec =
        new TaskSpec(
            "t1",
            "me",
            new Needs("echo", "tool", "node-1", java.util.Set.of("b", "a")),
            "{\"text\":\"Zürich\"}",
            5_000,
            7,
            4,
            List.of(),
            true,
            "key",
            "hash",
            123);
    Write.Added added = one(new Write.Add(spec));
    assertThat(added.created()).isTrue();
    TaskView task = find("t1");
    assertThat(task).isEqualTo(added.task());
    assertThat(task.spec()).isEqualTo(spec);
    assertThat(task.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(task.triesLeft()).isEqualTo(4);
  }

  @Test
  void theSameKeyIsTheSameTask() {
    one(new Write.Add(SomeTasks.keyed("t1", "k", "h1")));
    Write.Added again = one(new Write.Add(SomeTasks.keyed("t2", "k", "h2")));
    assertThat(again.created()).isFalse();
    assertThat(again.task().spec().id()).isEqualTo("t1");
    assertThat(again.task().spec().hash()).isEqualTo("h1");
    assertThat(await(onLoop(() -> store.find("t2")))).isEmpty();
    // Also in one transaction, and without a key there is nothing to be the same.
    List<Object> both =
        all(
            new Write.Add(SomeTasks.keyed("t3", "k3", "h")),
            new Write.Add(SomeTasks.keyed("t4", "k3", "h")),
            new Write.Add(SomeTasks.spec("t5")),
            new Write.Add(SomeTasks.spec("t6")));
    assertThat(((Write.Added) both.get(0)).created()).isTrue();
    assertThat(((Write.Added) both.get(1)).task().spec().id()).isEqualTo("t3");
    assertThat(((Write.Added) both.get(2)).created()).isTrue();
    assertThat(((Write.Added) both.get(3)).created()).isTrue();
  }

  @Test
  void aTransactionWhoseCommitWasNotAnsweredIsRunAgain() {
    for (TaskSpec spec :
        List.of(
            SomeTasks.spec("t1"),
            SomeTasks.keyed("t2", "k", "h"),
            SomeTasks.dependent("t3", false, "t1"))) {
      Write.Add add = new Write.Add(spec);
      one(add);
      Write.Added again = one(add);
      assertThat(again.created()).as("it is this request that made " + spec.id()).isTrue();
      assertThat(again.task()).isEqualTo(find(spec.id()));
    }
  }

  @Test
  void theSameKeyIsTheSameTaskThoughWhatItDependsOnIsForgotten() {
    add("a");
    TaskSpec spec = dependentKeyed("t1", "a");
    one(new Write.Add(spec));
    complete("a");
    execute("DELETE FROM task WHERE id = 'a'");
    Write.Added again = one(new Write.Add(dependentKeyed("t2", "a")));
    assertThat(again.missing()).isNull();
    assertThat(again.created()).isFalse();
    assertThat(again.task().spec().id()).isEqualTo("t1");
  }

  private static TaskSpec dependentKeyed(String id, String on) {
    TaskSpec spec = SomeTasks.dependent(id, false, on);
    return new TaskSpec(
        id,
        spec.caller(),
        spec.needs(),
        spec.args(),
        spec.timeoutMs(),
        spec.priority(),
        spec.retries(),
        spec.dependsOn(),
        false,
        "key",
        spec.hash(),
        spec.createdAt());
  }

  @Test
  void onlyTheAttemptThatHoldsItMayEndIt() {
    add("t");
    assertThat(claim("t", 1, "n1")).isTrue();
    assertThat(claim("t", 1, "n2")).as("claimed twice").isFalse();
    assertThat(settle("t", 1, "n2", DONE)).as("another node").isEqualTo(Write.Settled.FENCED);
    assertThat(settle("t", 2, "n1", DONE)).as("no such attempt").isEqualTo(Write.Settled.FENCED);

    assertThat(settle("t", 1, null, Outcome.lost("gone"))).isEqualTo(Write.Settled.APPLIED);
    assertThat(settle("t", 1, "n1", DONE)).as("too late").isEqualTo(Write.Settled.FENCED);
    assertThat(claim("t", 2, "n2")).isTrue();
    assertThat(settle("t", 1, "n1", DONE)).as("much too late").isEqualTo(Write.Settled.FENCED);
    assertThat(settle("t", 1, "n1", BROKEN)).isEqualTo(Write.Settled.FENCED);
    assertThat(settle("t", 2, "n2", DONE)).isEqualTo(Write.Settled.APPLIED);
    assertThat(settle("t", 2, "n2", DONE)).as("told again").isEqualTo(Write.Settled.REPEATED);
    assertThat(settle("t", 1, "n1", Outcome.completed("9"))).isEqualTo(Write.Settled.FENCED);

    TaskView task = find("t");
    assertThat(task.status()).isEqualTo(TaskStatus.COMPLETED);
    assertThat(task.result()).isEqualTo("{\"x\":1}");
    assertThat(task.nodeId()).isEqualTo("n2");
    assertThat(task.endedAt()).isPositive();
    JsonObject json = TaskJson.whole(task);
    assertThat(json.getJsonArray("attempts")).hasSize(2);
    assertThat(json.getJsonArray("attempts").getJsonObject(0).getString("outcome"))
        .isEqualTo("node_lost");
    assertThat(json.getJsonArray("attempts").getJsonObject(1).getString("outcome"))
        .isEqualTo("completed");
  }

  @Test
  void aResultThatCameTwiceAtOnceCountsOnce() {
    add("t");
    claim("t", 1, "n");
    List<Object> both =
        all(new Write.Settle("t", 1, "n", DONE), new Write.Settle("t", 1, "n", DONE));
    assertThat(both).containsExactly(Write.Settled.APPLIED, Write.Settled.REPEATED);
    assertThat(settle("nobody", 1, "n", DONE)).isEqualTo(Write.Settled.UNKNOWN);
  }

  @Test
  void failuresUseUpTriesUntilItIsDeadAndAPersonRevivesIt() {
    add("t");
    for (int attempt = 1; attempt <= 3; attempt++) {
      assertThat(claim("t", attempt, "n")).as("attempt " + attempt).isTrue();
      assertThat(settle("t", attempt, "n", BROKEN)).isEqualTo(Write.Settled.APPLIED);
    }
    TaskView dead = find("t");
    assertThat(dead.status()).isEqualTo(TaskStatus.DEAD);
    assertThat(new JsonObject(dead.error()).getString("message")).isEqualTo("it broke");
    assertThat(TaskJson.whole(dead).getJsonArray("attempts")).hasSize(3);

    Write.Revived revived = one(new Write.Revive("t"));
    assertThat(revived.before()).isEqualTo(TaskStatus.DEAD);
    TaskView again = find("t");
    assertThat(again.status()).isEqualTo(TaskStatus.QUEUED);
    assertThat(again.triesLeft()).isEqualTo(2);
    assertThat(again.hubId()).isEqualTo("hub-a");
    assertThat(TaskJson.whole(again).getJsonArray("attempts")).hasSize(3);
    assertThat(claim("t", 4, "n")).isTrue();
    settle("t", 4, "n", DONE);
    assertThat(TaskJson.whole(find("t")).getJsonArray("attempts")).hasSize(4);
    assertThat(this.<Write.Revived>one(new Write.Revive("t")).before())
        .isEqualTo(TaskStatus.COMPLETED);
  }

  @Test
  void whatDependsOnATaskWaitsForAllOfThem() {
    add("a");
    add("b");
    one(new Write.Add(SomeTasks.dependent("c", false, "a", "b")));
    assertThat(find("c").status()).isEqualTo(TaskStatus.WAITING);
    assertThat(claim("c", 1, "n")).isFalse();
    complete("a");
    assertThat(find("c").status()).isEqualTo(TaskStatus.WAITING);
    claim("b", 1, "n");
    Batch.Done done = batch(List.of(new Write.Settle("b", 1, "n", DONE)));
    assertThat(done.changes())
        .extracting(TaskNews.Change::taskId, TaskNews.Change::status, TaskNews.Change::holder)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("b", "completed", null),
            org.assertj.core.groups.Tuple.tuple("c", "queued", "hub-a"));
    assertThat(claim("c", 1, "n")).isTrue();
    Write.Added late = one(new Write.Add(SomeTasks.dependent("d", false, "a")));
    assertThat(late.task().status()).isEqualTo(TaskStatus.QUEUED);
    Write.Added missing = one(new Write.Add(SomeTasks.dependent("e", false, "nothing")));
    assertThat(missing.missing()).isEqualTo("nothing");
  }

  @Test
  void aFailureGoesThroughAllThatDependsOnIt() {
    add("root");
    one(new Write.Add(SomeTasks.dependent("fails", false, "root")));
    one(new Write.Add(SomeTasks.dependent("skipped", true, "root")));
    one(new Write.Add(SomeTasks.dependent("below", false, "skipped")));
    one(new Write.Add(SomeTasks.dependent("deepest", true, "below", "fails")));
    claim("root", 1, "n");
    settle("root", 1, "n", WRONG);
    assertThat(find("root").status()).isEqualTo(TaskStatus.FAILED);
    assertThat(find("fails").status()).isEqualTo(TaskStatus.FAILED);
    assertThat(find("skipped").status()).isEqualTo(TaskStatus.SKIPPED);
    assertThat(find("below").status()).isEqualTo(TaskStatus.FAILED);
    assertThat(find("deepest").status()).isEqualTo(TaskStatus.SKIPPED);
    assertThat(find("fails").error()).contains("root");
    assertThat(this.<Write.Revived>one(new Write.Revive("fails")).blockedBy()).isEqualTo("root");
    one(new Write.Revive("root"));
    one(new Write.Revive("fails"));
    assertThat(find("fails").status()).isEqualTo(TaskStatus.WAITING);
    Write.Added late = one(new Write.Add(SomeTasks.dependent("late", true, "below")));
    assertThat(late.task().status()).isEqualTo(TaskStatus.SKIPPED);
  }

  @Test
  void whatIsCancelledStaysSo() {
    add("t");
    claim("t", 1, "n");
    Write.Cancelled cancelled = one(new Write.Cancel("t", "not wanted"));
    assertThat(cancelled.before()).isEqualTo(TaskStatus.RUNNING);
    assertThat(cancelled.running().orElseThrow().nodeId()).isEqualTo("n");
    assertThat(settle("t", 1, "n", DONE)).isEqualTo(Write.Settled.FENCED);
    assertThat(find("t").status()).isEqualTo(TaskStatus.CANCELLED);
    assertThat(this.<Write.Cancelled>one(new Write.Cancel("t", "again")).before())
        .isEqualTo(TaskStatus.CANCELLED);
    assertThat(this.<Write.Cancelled>one(new Write.Cancel("nothing", "")).found()).isFalse();
  }

  @Test
  void aHubThatIsGoneLosesItsTasksToOneOther() {
    add("queued");
    add("running");
    claim("running", 1, "n");
    add("ours");
    execute("UPDATE task SET hub_id = 'hub-b' WHERE id = 'ours'");
    TaskStore other = store("hub-b");
    assertThat(await(onLoop(other::renew))).isFalse();
    assertThat(await(onLoop(other::renew))).isTrue();
    execute(
        "UPDATE task_hub SET alive_until = CURRENT_TIMESTAMP - INTERVAL '1' SECOND"
            + " WHERE hub_id = 'hub-a'");
    List<String> taken = new ArrayList<>();
    Leases leases =
        new Leases(other, () -> {}, tasks -> tasks.forEach(task -> taken.add(task.spec().id())));
    await(onLoop(leases::start));
    assertThat(taken).as("of ours there is news already").containsExactly("queued", "running");
    assertThat(await(onLoop(other::takeOver))).isEmpty();
    assertThat(claim("queued", 1, "n")).as("by the hub that was gone").isFalse();
    assertThat(settle("running", 1, "n", DONE))
        .as("the node's result still counts")
        .isEqualTo(Write.Settled.APPLIED);
    assertThat(await(onLoop(store::renew))).as("it hears that it was gone").isFalse();
  }

  @Test
  void listsPageFromTheNewest() {
    for (int i = 1; i <= 5; i++) {
      add("t" + i);
    }
    complete("t2");
    complete("t4");
    assertThat(list(new TaskStore.Filter(null, null, null, null, 2))).containsExactly("t5", "t4");
    assertThat(list(new TaskStore.Filter(null, null, null, "t4", 9)))
        .containsExactly("t3", "t2", "t1");
    assertThat(list(new TaskStore.Filter(TaskStatus.COMPLETED, "echo", "n", null, 9)))
        .containsExactly("t4", "t2");
    assertThat(list(new TaskStore.Filter(null, "other", null, null, 9))).isEmpty();
    assertThat(await(onLoop(() -> store.pending("t1", 9))))
        .extracting(task -> task.spec().id())
        .containsExactly("t3", "t5");
  }

  @Test
  void endedTasksAreForgottenOpenOnesAreNot() {
    add("open");
    add("ended");
    complete("ended");
    execute("UPDATE task SET ended_at = 5 WHERE ended_at IS NOT NULL");
    assertThat(await(onLoop(() -> store.forget(10)))).isEqualTo(1);
    assertThat(list(new TaskStore.Filter(null, null, null, null, 9))).containsExactly("open");
  }

  private void execute(String sql) {
    await(onLoop(() -> database.transactLightly(connection -> Rows.update(connection, sql))));
  }

  private TaskStore store(String hubId) {
    return new TaskStore(database, hubId, TaskOptions.defaults(), Clock.systemUTC());
  }

  private List<String> list(TaskStore.Filter filter) {
    return await(onLoop(() -> store.list(filter))).stream().map(task -> task.spec().id()).toList();
  }

  private void add(String id) {
    one(new Write.Add(SomeTasks.spec(id)));
  }

  private void complete(String id) {
    claim(id, 1, "n");
    assertThat(settle(id, 1, "n", DONE)).isEqualTo(Write.Settled.APPLIED);
  }

  private boolean claim(String id, long attempt, String node) {
    TaskSpec spec = SomeTasks.spec(id);
    Write.Claimed claimed = one(new Write.Claim(spec, attempt, node, node + "-1", 7));
    return claimed.ok();
  }

  private Write.Settled settle(String id, long attempt, String node, Outcome outcome) {
    return one(new Write.Settle(id, attempt, node, outcome));
  }

  private TaskView find(String id) {
    return await(onLoop(() -> store.find(id))).orElseThrow();
  }

  @SuppressWarnings("unchecked")
  private <R> R one(Write<R> write) {
    return (R) batch(List.of(write)).results().get(write);
  }

  private List<Object> all(Write<?>... writes) {
    Batch.Done done = batch(List.of(writes));
    List<Object> results = new ArrayList<>();
    for (Write<?> write : writes) {
      results.add(done.results().get(write));
    }
    return results;
  }

  private Batch.Done batch(List<Write<?>> writes) {
    return await(
        onLoop(
            () ->
                database.transact(
                    connection ->
                        new Batch(connection, "hub-a", rule, System.currentTimeMillis())
                            .run(writes))));
  }

  private <T> Future<T> onLoop(Supplier<Future<T>> action) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(v -> action.get().onComplete(promise));
    return promise.future();
  }
}
