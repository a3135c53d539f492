package io.muster.worker.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.node.ModelInfo;
import io.muster.node.NodeStats;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class WorkerMetricsTest {
  private static final long MS = 1_000_000;
  private static final ModelInfo MODEL = new ModelInfo("m", "demo", "muster", 0, 0);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private long nanos = -3 * MS;
  private final WorkerMetrics metrics = new WorkerMetrics(registry, () -> nanos);

  @Test
  void aJobIsTimedToItsFirstPieceAndToItsEnd() {
    JobMeter job = metrics.started(Job.Kind.CHAT, MODEL);
    assertThat(metrics.stats()).isEqualTo(new NodeStats(1, 0, 0, 0, 0));
    nanos += 20 * MS;
    job.firstToken();
    job.firstToken();
    nanos += 80 * MS;
    job.completed();
    assertThat(metrics.stats()).isEqualTo(new NodeStats(0, 1, 0, 0, 100));
    String labels =
        "gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"demo\","
            + "gen_ai_request_model=\"m\",gen_ai_response_model=\"m\"";
    assertThat(registry.scrape())
        .contains(
            "gen_ai_client_operation_duration_seconds_sum{error_type=\"\"," + labels + "} 0.1")
        .contains("gen_ai_client_operation_time_to_first_chunk_seconds_count{" + labels + "} 1")
        .contains("muster_worker_jobs_started_total 1")
        .contains("muster_worker_jobs_total{outcome=\"completed\"} 1")
        .contains("muster_worker_jobs_active 0");
  }

  @Test
  void aJobEndsOnce() {
    JobMeter job = metrics.started(Job.Kind.CHAT, MODEL);
    job.failed(Fault.of(Failure.PROVIDER_ERROR, "no"));
    job.completed();
    job.failed(Fault.of(Failure.CANCELLED, "late"));
    assertThat(metrics.stats()).isEqualTo(new NodeStats(0, 0, 1, 0, 0));
    assertThat(registry.scrape())
        .contains("muster_worker_jobs_total{outcome=\"provider_error\"} 1")
        .contains("muster_worker_jobs_total{outcome=\"completed\"} 0")
        .contains("error_type=\"provider_error\"");
  }

  @Test
  void errorRateAndResponseTimeAreThoseOfTheLastFiveMinutes() {
    for (int i = 0; i < 3; i++) {
      JobMeter good = metrics.started(Job.Kind.CHAT, MODEL);
      nanos += 50 * MS;
      good.completed();
    }
    metrics.started(Job.Kind.CHAT, MODEL).failed(Fault.of(Failure.PROVIDER_TIMEOUT, "late"));
    metrics.started(Job.Kind.CHAT, MODEL).failed(Fault.of(Failure.CANCELLED, "client left"));
    metrics.refresh();
    assertThat(metrics.recent().errorRate()).isEqualTo(0.25);
    assertThat(metrics.recent().responseTime().p50()).isCloseTo(50, Percentage.withPercentage(6));
    assertThat(registry.scrape())
        .contains("muster_worker_error_ratio 0.25")
        .contains("muster_worker_response_time_seconds{percentile=\"99\"} 0.0");
    nanos += 301_000 * MS;
    assertThat(metrics.recent().errorRate()).isZero();
    assertThat(metrics.stats().failed()).isEqualTo(1);
    assertThat(metrics.stats().cancelled()).isEqualTo(1);
  }

  @Test
  void aModelThatTheWorkerLacksIsNoLabel() {
    metrics.started(Job.Kind.CHAT, null).failed(Fault.of(Failure.PROVIDER_ERROR, "no model"));
    assertThat(registry.scrape()).contains("gen_ai_request_model=\"_OTHER\"");
  }

  @Test
  void labelsAreBounded() {
    for (int i = 0; i < 500; i++) {
      metrics.started(Job.Kind.CHAT, new ModelInfo("m" + i, "demo", "muster", 0, 0)).completed();
    }
    assertThat(registry.scrape()).contains("\"m199\"").doesNotContain("\"m200\"");
  }
}
