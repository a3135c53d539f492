package io.muster.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.metric.Alarm;
import io.muster.metric.Gpu;
import io.muster.metric.Sample;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThresholdsTest {
  private final Map<String, String> env =
      new HashMap<>(Map.of("ALARM_CPU_FOR_MS", "60000", "ALARM_FOR_MS", "10000"));
  private long nanos = 5;
  private long at = 1_000;
  private Thresholds thresholds = thresholds();

  private Thresholds thresholds() {
    return Thresholds.of(Settings.load(Role.WORKER, env, Path.of("/nowhere")), () -> nanos);
  }

  private void pass(int seconds) {
    nanos += TimeUnit.SECONDS.toNanos(seconds);
    at += seconds * 1000L;
  }

  @Test
  void aFigureMustStayHighForAWhileAndStayLowForAsLong() {
    assertThat(cpu(.97)).isEmpty();
    pass(59);
    assertThat(cpu(.96)).isEmpty();
    pass(1);
    List<Alarm> raised = cpu(.98);
    assertThat(raised).containsExactly(new Alarm("cpu", null, .98, .95, 61_000));
    assertThat(raised.get(0).text()).isEqualTo("cpu at 98% (limit 95%)");

    // Between the two limits nothing changes, however long it lasts.
    pass(600);
    assertThat(cpu(.86)).hasSize(1).first().extracting(Alarm::since).isEqualTo(61_000L);
    assertThat(cpu(.85)).hasSize(1);
    pass(59);
    assertThat(cpu(.5)).hasSize(1);
    pass(1);
    assertThat(cpu(.5)).isEmpty();
  }

  @Test
  void aPeakOrADipOfAMomentIsNothing() {
    cpu(1);
    pass(50);
    cpu(.2);
    pass(50);
    assertThat(cpu(1)).isEmpty();
    pass(60);
    assertThat(cpu(1)).hasSize(1);
    cpu(.2);
    pass(50);
    cpu(.9);
    pass(50);
    assertThat(cpu(.2)).hasSize(1);
  }

  @Test
  void whatIsNotKnownChangesNothing() {
    cpu(1);
    pass(60);
    assertThat(cpu(1)).hasSize(1);
    pass(600);
    assertThat(cpu(-1)).containsExactly(new Alarm("cpu", null, 1, .95, 61_000));
  }

  @Test
  void everyDiskAndGpuIsWatchedByItself() {
    update(disks(90, 2), gpu(0, 92));
    pass(10);
    assertThat(update(disks(96, 2), gpu(0, 93)))
        .extracting(Alarm::text)
        .containsExactlyInAnyOrder("disk /data at 98% (limit 95%)", "GPU 0 at 93 °C (limit 90 °C)");

    // A GPU that is lost cannot be asked, and what is gone is wrong no more.
    pass(1);
    assertThat(update(disks(96, 2), List.of(gpu(0, 93).get(0).failed(0, "lost"))))
        .extracting(Alarm::metric)
        .containsExactly("disk");
    pass(1);
    assertThat(update(List.of(), List.of())).isEmpty();
  }

  @Test
  void zeroTurnsAWatchOff() {
    env.put("ALARM_CPU_PERCENT", "0");
    env.put("ALARM_CPU_FOR_MS", "0");
    thresholds = thresholds();
    assertThat(cpu(1)).isEmpty();
  }

  @Test
  void whatIsClearedAboveWhereItIsRaisedIsRefused() {
    env.put("ALARM_MEMORY_PERCENT", "80");
    assertThatThrownBy(this::thresholds)
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("ALARM_MEMORY_CLEAR_PERCENT=90")
        .hasMessageContaining("ALARM_MEMORY_PERCENT=80 (environment)");
  }

  private List<Alarm> cpu(double share) {
    return thresholds.update(sample(share, List.of(), List.of()));
  }

  private List<Alarm> update(List<Sample.Disk> disks, List<Gpu> gpus) {
    return thresholds.update(sample(.1, disks, gpus));
  }

  private static List<Sample.Disk> disks(long freeOfRoot, long freeOfData) {
    return List.of(
        new Sample.Disk("/", "ext4", 100, freeOfRoot),
        new Sample.Disk("/data", "ext4", 100, freeOfData));
  }

  private static List<Gpu> gpu(int id, double celsius) {
    return List.of(new Gpu(id, "u", "n", celsius, 1, 1, 0, 0, false, List.of(), null));
  }

  private Sample sample(double cpu, List<Sample.Disk> disks, List<Gpu> gpus) {
    return new Sample(
        at, 4, cpu, 1, 100, 50, 0, 0, 100, 50, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, disks, List.of(),
        gpus, List.of());
  }
}
