package io.muster.runtime.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthTest {
  @Test
  void theWorstPartDecides() {
    assertThat(report(Finding.healthy(null), Finding.healthy("fine")).status())
        .isEqualTo(HealthStatus.HEALTHY);
    assertThat(report(Finding.healthy(null), Finding.degraded("so so")).status())
        .isEqualTo(HealthStatus.DEGRADED);
    assertThat(report(Finding.unhealthy("bad"), Finding.degraded("so so")).status())
        .isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void degradedIsUpAndUnhealthyIsDown() {
    HealthReport degraded = report(Finding.degraded("so so"));
    assertThat(degraded.httpStatus()).isEqualTo(200);
    assertThat(degraded.toProbeJson().getString("status")).isEqualTo("UP");
    HealthReport unhealthy = report(Finding.unhealthy("bad"));
    assertThat(unhealthy.httpStatus()).isEqualTo(503);
    assertThat(unhealthy.toProbeJson().getString("status")).isEqualTo("DOWN");
  }

  @Test
  void isToldInTwoForms() {
    HealthReport report =
        report(Finding.healthy(null), Finding.degraded("late").with(new JsonObject().put("n", 1)));
    assertThat(report.toJson())
        .isEqualTo(
            new JsonObject(
                """
                {"status":"degraded","checks":[
                  {"name":"part0","status":"healthy"},
                  {"name":"part1","status":"degraded","reason":"late","data":{"n":1}}]}"""));
    assertThat(report.toProbeJson())
        .isEqualTo(
            new JsonObject(
                """
                {"status":"UP","checks":[
                  {"name":"part0","status":"UP"},
                  {"name":"part1","status":"UP","reason":"late","data":{"n":1}}]}"""));
  }

  @Test
  void aCheckThatThrowsOrFailsIsUnhealthyAndKeepsItsDetailsToItself() {
    HealthCheck throwing =
        HealthCheck.of(
            "throwing",
            () -> {
              throw new IllegalStateException("db.internal:5432 said no");
            });
    HealthReport report = new Health(List.of(throwing)).report().result();
    assertThat(report.status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(report.toJson().encode()).doesNotContain("db.internal");
  }

  @Test
  void diskIsJudgedByItsRoom(@TempDir Path folder) throws Exception {
    assertThat(DiskCheck.judge(1L << 30, 1L << 40).status()).isEqualTo(HealthStatus.HEALTHY);
    assertThat(DiskCheck.judge(100L << 20, 1L << 40).status()).isEqualTo(HealthStatus.DEGRADED);
    assertThat(DiskCheck.judge(1L << 20, 1L << 40).status()).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(DiskCheck.look(folder.resolve("gone")).reason()).contains("missing");
    assertThat(DiskCheck.look(Files.createFile(folder.resolve("file"))).status())
        .isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(DiskCheck.look(folder).data().getLong("total_bytes")).isPositive();
  }

  private static HealthReport report(Finding... findings) {
    List<HealthCheck> checks = new java.util.ArrayList<>();
    for (int i = 0; i < findings.length; i++) {
      Finding finding = findings[i];
      checks.add(HealthCheck.of("part" + i, () -> finding));
    }
    Future<HealthReport> report = new Health(checks).report();
    assertThat(report.succeeded()).isTrue();
    return report.result();
  }
}
