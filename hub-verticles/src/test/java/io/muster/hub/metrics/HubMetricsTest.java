package io.muster.hub.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.fleet.SomeNodes;
import io.muster.hub.fleet.StateCause;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.muster.node.NodeState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class HubMetricsTest {
  private static final long MS = 1_000_000;

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final SomeNodes fleet =
      new SomeNodes().with(SomeNodes.online("a", "m")).with(SomeNodes.online("b", "m"));
  private long nanos = 5_000 * MS;
  private final HubMetrics metrics =
      new HubMetrics(
          registry, fleet, () -> nanos, Clock.fixed(Instant.ofEpochMilli(10_000), ZoneOffset.UTC));
  private int ids;

  @Test
  void aStreamIsTimedFromItsSubmission() {
    Job job = job("m", true);
    metrics.submitted(job);
    assertThat(metrics.totals().streams()).isEqualTo(1);
    assertThat(metrics.totals().inFlight()).isEqualTo(1);
    metrics.attempted(job, "a", 1);
    metrics.firstToken(job, "a", 20 * MS);
    nanos += 120 * MS;
    metrics.completed(job, "a", new Usage(7, 11, false), 120 * MS);

    String labels =
        "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"demo\","
            + "gen_ai_request_model=\"m\",gen_ai_response_model=\"m\"";
    assertThat(registry.scrape())
        .contains("gen_ai_server_request_duration_seconds_count{error_type=\"\"," + labels + "} 1")
        .contains("gen_ai_server_time_to_first_token_seconds_sum{" + labels + "} 0.02")
        .contains("gen_ai_server_time_per_output_token_seconds_sum{" + labels + "} 0.01")
        .contains("gen_ai_client_token_usage_sum{" + labels + ",gen_ai_token_type=\"input\"} 7")
        .contains("gen_ai_client_token_usage_sum{" + labels + ",gen_ai_token_type=\"output\"} 11")
        .contains("muster_requests_total{outcome=\"completed\"} 1")
        .contains("muster_job_attempts_total{node=\"a\"} 1");
    Totals totals = metrics.totals();
    assertThat(totals.completed()).isEqualTo(1);
    assertThat(totals.inFlight()).isZero();
    assertThat(totals.streams()).isZero();
    assertThat(totals.latency().p50()).isCloseTo(120, Percentage.withPercentage(6));
    assertThat(totals.promptTokens()).isEqualTo(7);
  }

  @Test
  void bucketsAreThoseOfTheConventions() {
    complete(job("m", false), "a");
    String text = registry.scrape();
    assertThat(text)
        .contains("gen_ai_server_request_duration_seconds_bucket{")
        .contains("le=\"0.01\"")
        .contains("le=\"81.92\"")
        .contains("le=\"4194304.0\"")
        .contains("le=\"6.7108864E7\"");
    assertThat(
            text.lines()
                .filter(l -> l.startsWith("gen_ai_server_request_duration_seconds_bucket"))
                .count())
        .isEqualTo(15);
    assertThat(text.lines().filter(l -> l.startsWith("gen_ai_client_token_usage_bucket")).count())
        .isEqualTo(2 * 15);
  }

  @Test
  void aRetryIsCountedAtTheNodeThatGetsIt() {
    Job job = job("m", false);
    metrics.submitted(job);
    metrics.attempted(job, "a", 1);
    nanos += 10 * MS;
    metrics.attemptFailed(job, "a", Fault.of(Failure.PROVIDER_ERROR, "it broke"), 10 * MS);
    metrics.attempted(job, "b", 2);
    nanos += 40 * MS;
    metrics.completed(job, "b", null, 50 * MS);

    NodeTotals a = metrics.totals("a");
    assertThat(a.requests()).isEqualTo(1);
    assertThat(a.errors()).isEqualTo(1);
    assertThat(a.completed()).isZero();
    assertThat(a.lastError())
        .isEqualTo(new NodeTotals.LastError(10_000, "provider_error", "it broke"));
    NodeTotals b = metrics.totals("b");
    assertThat(b.retries()).isEqualTo(1);
    assertThat(b.latency().p50()).isCloseTo(40, Percentage.withPercentage(6));
    assertThat(metrics.totals().retries()).isEqualTo(1);
    assertThat(metrics.totals().errors()).isZero();
    assertThat(registry.scrape())
        .contains("muster_retries_total 1")
        .contains("muster_job_attempt_failures_total{failure=\"provider_error\",node=\"a\"} 1");
  }

  @Test
  void onlyWhatANodeIsToBlameForIsItsError() {
    for (Failure failure :
        new Failure[] {Failure.NODE_BUSY, Failure.NODE_DRAINING, Failure.BAD_REQUEST}) {
      Job job = job("m", false);
      metrics.submitted(job);
      metrics.attempted(job, "a", 1);
      metrics.attemptFailed(job, "a", Fault.of(failure, "x"), MS);
      metrics.failed(job, "a", Fault.of(failure, "x"), MS);
    }
    Job cancelled = job("m", false);
    metrics.submitted(cancelled);
    metrics.attempted(cancelled, "a", 1);
    metrics.failed(cancelled, "a", Fault.of(Failure.CANCELLED, "client left"), MS);

    assertThat(metrics.totals("a").errors()).isZero();
    assertThat(metrics.totals("a").lastError()).isNull();
    assertThat(metrics.totals("a").cancelled()).isEqualTo(1);
    assertThat(metrics.totals().errors()).isEqualTo(3);
    assertThat(metrics.totals().cancelled()).isEqualTo(1);
    assertThat(metrics.totals().failures()).containsEntry(Failure.BAD_REQUEST, 1L);
  }

  @Test
  void aDeadlineThatEndsAnAttemptCountsOnceAtItsNode() {
    Job running = job("m", false);
    metrics.submitted(running);
    metrics.attempted(running, "a", 1);
    metrics.failed(running, "a", Fault.of(Failure.DEADLINE, "too late"), MS);
    assertThat(metrics.totals("a").errors()).isEqualTo(1);

    Job waiting = job("m", false);
    metrics.submitted(waiting);
    metrics.attempted(waiting, "b", 1);
    metrics.attemptFailed(waiting, "b", Fault.of(Failure.NODE_LOST, "gone"), MS);
    metrics.failed(waiting, "b", Fault.of(Failure.DEADLINE, "too late"), MS);
    assertThat(metrics.totals("b").errors()).isEqualTo(1);
  }

  @Test
  void whatAClientSendsNeverBecomesALabel() {
    for (int i = 0; i < 50; i++) {
      Job job = job("made-up-" + i, false);
      metrics.submitted(job);
      metrics.failed(job, null, Fault.of(Failure.MODEL_NOT_FOUND, "no such model"), MS);
      complete(job("made-up-too-" + i, false), "a");
    }
    String text = registry.scrape();
    assertThat(text).doesNotContain("made-up").contains("gen_ai_request_model=\"_OTHER\"");
    assertThat(registry.getMeters().stream().map(Meter::getId).distinct().count()).isLessThan(120);
  }

  @Test
  void aModelNamedWithItsProviderIsTheSameModel() {
    complete(job("demo/m", false), "a");
    complete(job("m", false), "a");
    assertThat(registry.scrape())
        .contains("gen_ai_request_model=\"m\"")
        .doesNotContain("demo/m")
        .doesNotContain("_OTHER");
  }

  @Test
  void aKnownModelThatNoNodeCouldTakeIsNamed() {
    Job job = job("m", false);
    metrics.submitted(job);
    metrics.failed(job, null, Fault.of(Failure.QUEUE_FULL, "full"), MS);
    assertThat(registry.scrape())
        .contains(
            "error_type=\"queue_full\",gen_ai_operation_name=\"chat\","
                + "gen_ai_provider_name=\"\",gen_ai_request_model=\"m\"");
  }

  @Test
  void gaugesShowTheFleetAsOfTheLastRefresh() {
    fleet.queued(3);
    fleet.with(
        SomeNodes.view(SomeNodes.info("c", "m"), NodeState.OFFLINE, new StateCause.MemberLeft()));
    metrics.refresh();
    String text = registry.scrape();
    assertThat(text)
        .contains("muster_queue_length 3")
        .contains("muster_nodes{state=\"online\"} 2")
        .contains("muster_nodes{state=\"offline\"} 1")
        .contains("muster_node_cpu_ratio{node=\"a\"} 0.25")
        .contains("muster_node_memory_used_bytes{node=\"a\"} 4000")
        .contains("muster_node_network_receive_bytes_total{node=\"a\"} 500")
        .contains("muster_node_connections{node=\"b\"} 12")
        .contains("muster_node_active{node=\"b\"} 2")
        .contains("muster_node_up{node=\"c\"} 0")
        // It told figures before it went away.
        .contains("muster_node_cpu_ratio{node=\"c\"} NaN");
  }

  @Test
  void aNodeThatIsGoneTakesItsSeriesAlong() {
    complete(job("m", false), "a");
    metrics.refresh();
    assertThat(registry.scrape()).contains("node=\"a\"");
    fleet.without("a");
    metrics.refresh();
    assertThat(registry.scrape()).doesNotContain("node=\"a\"").contains("node=\"b\"");
    assertThat(metrics.totals("a")).isEqualTo(NodeTotals.NONE);
  }

  @Test
  void httpIsCountedByClassOfStatus() {
    metrics.httpConnected();
    metrics.httpResponded(200);
    metrics.httpResponded(204);
    metrics.httpResponded(404);
    metrics.httpResponded(999);
    assertThat(registry.scrape())
        .contains("muster_http_responses_total{status=\"2xx\"} 2")
        .contains("muster_http_responses_total{status=\"4xx\"} 1")
        .contains("muster_http_connections 1");
    assertThat(metrics.totals().httpResponses()[2]).isEqualTo(2);
  }

  @Test
  void aJobCostsLittle() {
    Job[] jobs = new Job[1000];
    for (int i = 0; i < jobs.length; i++) {
      jobs[i] = job("m", true);
    }
    Usage usage = new Usage(10, 50, false);
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 60; round++) {
      long start = System.nanoTime();
      for (Job job : jobs) {
        metrics.submitted(job);
        metrics.attempted(job, "a", 1);
        metrics.firstToken(job, "a", MS);
        metrics.completed(job, "a", usage, 2 * MS);
      }
      best = Math.min(best, (System.nanoTime() - start) / jobs.length);
    }
    // Four calls, measured below 1 000 ns; this only guards against labels looked up on the way.
    assertThat(best).as("nanoseconds for each job").isLessThan(20_000);
  }

  private void complete(Job job, String node) {
    metrics.submitted(job);
    metrics.attempted(job, node, 1);
    metrics.completed(job, node, new Usage(1, 1, false), 5 * MS);
  }

  private Job job(String model, boolean stream) {
    String id = "job-" + ids++;
    return new Job(id, id, Job.Kind.CHAT, model, stream, null, 5, 60_000, new byte[0]);
  }
}
