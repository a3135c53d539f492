package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Ten thousand tasks while the hub and the workers are killed with SIGKILL and stopped with SIGSTOP
 * throughout: every task that was accepted ends once, and in the attempt that was the present one.
 */
class TaskStressIT {
  private static final int TASKS = Integer.getInteger("muster.stress.tasks", 10_000);
  private static final int CLIENTS = 24;

  /** Killing goes on for so long, or until all tasks are accepted if that is sooner. */
  private static final Duration KILLING = Duration.ofSeconds(60);

  private static final String[] WORKERS = {"one", "two", "three"};
  private static final Duration LIMIT = Duration.ofSeconds(240);

  @RegisterExtension final Fleet fleet = new Fleet().hubWith("TASK_NODE_GRACE_MS", "5000");
  private final Map<String, String> accepted = new ConcurrentHashMap<>();
  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final CountDownLatch clients = new CountDownLatch(CLIENTS);
  private final List<String> report = new ArrayList<>();

  @AfterEach
  void close() {
    over.set(true);
    fleet.close();
  }

  @Test
  void everyAcceptedTaskEndsOnceThoughHubAndWorkersAreKilled() throws Exception {
    fleet.startHub();
    fleet.startWorkers(Map.of("DEMO_MODEL", "on", "WORKER_MAX_CONCURRENT", "32"), WORKERS);
    long began = System.nanoTime();
    for (int i = 0; i < CLIENTS; i++) {
      Thread client = new Thread(this::submit, "client-" + i);
      client.setDaemon(true);
      client.start();
    }
    Map<String, Integer> kills = killUntilDone();
    assertThat(clients.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("all accepted").isTrue();
    double acceptedAfter = seconds(began);
    for (String worker : WORKERS) {
      fleet.awaitOnline(worker);
    }
    await("all ended").atMost(LIMIT).pollInterval(Duration.ofMillis(250)).until(() -> open() == 0);
    double endedAfter = seconds(began);

    Map<String, JsonNode> tasks = all();
    // What comes too late has had its time to come.
    await("the last late results")
        .pollDelay(Duration.ofSeconds(7))
        .atMost(Duration.ofSeconds(20))
        .until(() -> true);
    Map<String, JsonNode> later = all();

    Map<String, Integer> byStatus = new TreeMap<>();
    Map<Long, Integer> byAttempt = new TreeMap<>();
    tasks
        .values()
        .forEach(
            task -> {
              byStatus.merge(task.path("status").asText(), 1, Integer::sum);
              byAttempt.merge(task.path("attempt").asLong(), 1, Integer::sum);
            });
    report.add(
        "%d tasks accepted in %.1f s, ended in %.1f s, kills %s, status %s, attempts %s, refusals %s"
            .formatted(
                accepted.size(), acceptedAfter, endedAfter, kills, byStatus, byAttempt, refused));
    report.add("fenced results at the last hub: " + fenced());
    report.forEach(System.out::println);

    assertThat(accepted).hasSize(TASKS);
    assertThat(tasks.keySet())
        .as("those that were accepted, and no others")
        .isEqualTo(Set.copyOf(accepted.values()));
    assertThat(byStatus.keySet()).containsExactly("completed");
    assertThat(kills.get("hub")).as("kills of the hub").isGreaterThanOrEqualTo(1);
    assertThat(byAttempt.keySet()).as("some ran twice").hasSizeGreaterThan(1);
    later.forEach((id, task) -> assertThat(task).as("ended once: " + id).isEqualTo(tasks.get(id)));
    resultsAreOfTheLastAttempt(tasks);
  }

  /** A tool says in which attempt it ran: a late result of an earlier one would show here. */
  private void resultsAreOfTheLastAttempt(Map<String, JsonNode> tasks) {
    int looked = 0;
    for (Map.Entry<String, JsonNode> entry : tasks.entrySet()) {
      long attempt = entry.getValue().path("attempt").asLong();
      if (attempt > 1 || looked < 100) {
        looked++;
        JsonNode task = fleet.hub().getJson("/api/tasks/" + entry.getKey());
        assertThat(task.path("result").path("slept").asLong())
            .isEqualTo(task.path("toolArgs").path("ms").asLong());
        assertThat(task.path("result").path("attempt").asLong()).isEqualTo(attempt);
        assertThat(task.path("attempts")).hasSizeLessThanOrEqualTo((int) attempt);
      }
    }
  }

  private Map<String, Integer> killUntilDone() {
    Map<String, Integer> kills = new TreeMap<>();
    long until = System.nanoTime() + KILLING.toNanos();
    // A hub is killed at the second round, so that it is whatever the machine's speed.
    for (int round = 0;
        clients.getCount() > 0 && (round < 3 || System.nanoTime() - until < 0);
        round++) {
      String worker = WORKERS[round % WORKERS.length];
      if (round % 4 == 2) {
        standStill(worker);
        kills.merge("stopped", 1, Integer::sum);
      } else if (round % 2 == 1) {
        fleet.program("hub").kill();
        fleet.startHub();
        kills.merge("hub", 1, Integer::sum);
      } else {
        fleet.program(worker).kill();
        fleet.launchWorker(worker);
        kills.merge("worker", 1, Integer::sum);
      }
      pause(2_000);
    }
    return kills;
  }

  /**
   * Longer than a hub waits: its tasks run elsewhere when it goes on and says what came of them.
   */
  private void standStill(String worker) {
    fleet.program(worker).signal("STOP");
    pause(7_000);
    fleet.program(worker).signal("CONT");
  }

  private void pause(long ms) {
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    await()
        .atMost(Duration.ofMillis(ms + 10_000))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> System.nanoTime() - until >= 0);
  }

  /** The key makes it one task, however often it is asked for. */
  private void submit() {
    try {
      for (int i = next.getAndIncrement(); i < TASKS; i = next.getAndIncrement()) {
        String body =
            "{\"toolName\":\"sleep\",\"toolArgs\":{\"ms\":%d},\"idempotencyKey\":\"k%d\",\"priority\":%d}"
                .formatted(i % 50 == 0 ? 500 : i % 20, i, i % 11);
        while (!over.get() && !taken(i, body)) {
          pause(100);
        }
      }
    } finally {
      clients.countDown();
    }
  }

  private boolean taken(int number, String body) {
    try {
      HttpResponse<String> answer = fleet.hub().post("/api/tasks", body);
      int status = answer.statusCode();
      if (status == 201 || status == 202 || status == 200) {
        accepted.put("k" + number, HubClient.parse(answer.body()).path("taskId").asText());
        return true;
      }
      refused.merge(String.valueOf(status), 1, Integer::sum);
    } catch (UncheckedIOException e) {
      refused.merge("no answer", 1, Integer::sum);
    }
    return false;
  }

  private long open() {
    long open = 0;
    for (String status : List.of("waiting", "queued", "running")) {
      open += fleet.hub().getJson("/api/tasks?limit=1&status=" + status).path("tasks").size();
    }
    return open;
  }

  private Map<String, JsonNode> all() {
    Map<String, JsonNode> tasks = new TreeMap<>();
    String cursor = "";
    do {
      JsonNode page = fleet.hub().getJson("/api/tasks?limit=500" + cursor);
      page.path("tasks").forEach(task -> tasks.put(task.path("taskId").asText(), task));
      cursor =
          page.path("nextCursor").isNull() ? null : "&cursor=" + page.path("nextCursor").asText();
    } while (cursor != null);
    return tasks;
  }

  private String fenced() {
    return fleet
        .hub()
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("muster_tasks_fenced_total"))
        .findFirst()
        .orElse("none");
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
