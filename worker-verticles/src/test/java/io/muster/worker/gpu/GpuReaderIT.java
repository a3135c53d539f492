package io.muster.worker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.metric.Gpu;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuReaderIT {
  @TempDir private Path folder;

  private NvmlStub nvml;
  private GpuReader reader;

  @BeforeEach
  void driver() throws Exception {
    nvml = new NvmlStub(folder);
    nvml.says("count 2");
    reader = new GpuReader(nvml.compile(3).toString());
  }

  @AfterEach
  void close() {
    reader.close();
  }

  @Test
  void tellsEverythingOfEveryGpu() throws Exception {
    nvml.says("count 2", "busy 1");

    GpuReport report = reader.read();

    assertThat(report.state()).isEqualTo(GpuReport.State.RUNNING);
    assertThat(report.reason()).isNull();
    assertThat(report.driver()).isEqualTo("stub.3");
    assertThat(report.gpus()).hasSize(2);
    Gpu idle = report.gpus().get(0);
    assertThat(idle.id()).isZero();
    assertThat(idle.uuid()).isEqualTo("GPU-stub-0");
    assertThat(idle.name()).isEqualTo("Stub GPU 0");
    assertThat(idle.temperatureC()).isEqualTo(40);
    assertThat(idle.memoryTotal()).isEqualTo(24L << 30);
    assertThat(idle.memoryUsed()).isEqualTo(1L << 30);
    assertThat(idle.utilisation()).isZero();
    assertThat(idle.powerW()).isEqualTo(61.5);
    assertThat(idle.busy()).isFalse();
    assertThat(idle.processes()).isEmpty();
    Gpu busy = report.gpus().get(1);
    assertThat(busy.utilisation()).isEqualTo(0.75);
    assertThat(busy.busy()).isTrue();
    // Without its arguments; and one whose name and memory the driver does not know.
    assertThat(busy.processes())
        .containsExactly(
            new Gpu.Process(1000, "trainer", 1 << 20), new Gpu.Process(1001, null, -1));
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,2", "3,1"})
  void oldDriversHaveOlderFunctions(int generation, int usedGib) throws Exception {
    try (GpuReader old = new GpuReader(nvml.compile(generation).toString())) {
      nvml.says("count 2", "busy 0");

      GpuReport report = old.read();

      assertThat(report.state()).isEqualTo(GpuReport.State.RUNNING);
      assertThat(report.driver()).isEqualTo("stub." + generation);
      assertThat(report.gpus()).hasSize(2);
      assertThat(report.gpus().get(0).memoryUsed()).isEqualTo((long) usedGib << 30);
      assertThat(report.gpus().get(0).processes())
          .extracting(Gpu.Process::pid)
          .containsExactly(1000L, 1001L);
    }
  }

  @Test
  void whatAGpuDoesNotTellIsUnknown() throws Exception {
    nvml.says("count 1", "bare 1");

    GpuReport report = reader.read();

    assertThat(report.reason()).isNull();
    Gpu bare = report.gpus().get(0);
    assertThat(bare.name()).isEqualTo("Stub GPU 0");
    assertThat(bare.temperatureC()).isNegative();
    assertThat(bare.memoryTotal()).isNegative();
    assertThat(bare.utilisation()).isNegative();
    assertThat(bare.powerW()).isNegative();
    assertThat(bare.busy()).isFalse();
    assertThat(bare.problem()).isNull();
  }

  @Test
  void aGpuThatFallsOffTheBusIsToldAndTheOthersGoOn() throws Exception {
    reader.read();
    nvml.says("count 2", "lost 0");

    GpuReport report = reader.read();

    assertThat(report.state()).isEqualTo(GpuReport.State.RUNNING);
    assertThat(report.reason()).startsWith("GPU 0: the GPU has fallen off the bus");
    Gpu lost = report.gpus().get(0);
    assertThat(lost.uuid()).isEqualTo("GPU-stub-0");
    assertThat(lost.problem()).contains("fallen off the bus");
    assertThat(lost.memoryUsed()).isNegative();
    assertThat(report.gpus().get(1).problem()).isNull();

    nvml.says("count 2");
    assertThat(reader.read().gpus()).allSatisfy(gpu -> assertThat(gpu.problem()).isNull());
  }

  @Test
  void aGpuThatWasNeverSeenWellIsListedByItsIndex() throws Exception {
    nvml.says("count 2", "lost 1");

    Gpu lost = reader.read().gpus().get(1);

    assertThat(lost.id()).isEqualTo(1);
    assertThat(lost.uuid()).isNull();
    assertThat(lost.problem()).contains("fallen off the bus");
  }

  @Test
  void aGpuThatIsListedNoLongerIsStillToldOf() throws Exception {
    reader.read();
    nvml.says("count 2", "hidden 0");

    GpuReport report = reader.read();

    // The second one has the first one's index now.
    assertThat(report.gpus()).extracting(Gpu::id).containsExactly(0, -1);
    assertThat(report.gpus()).extracting(Gpu::uuid).containsExactly("GPU-stub-1", "GPU-stub-0");
    assertThat(report.gpus().get(1).problem()).contains("does not list it");

    nvml.says("count 2");
    assertThat(reader.read().gpus())
        .extracting(Gpu::uuid)
        .containsExactly("GPU-stub-0", "GPU-stub-1");
  }

  @ParameterizedTest
  @CsvSource({
    "1,the driver was stopped or started again",
    "9,the driver is not loaded",
    "18,of different versions",
  })
  void aDriverThatGoesIsToldAndOpenedAgain(int code, String reason) throws Exception {
    reader.read();
    nvml.says("count 2", "all " + code, "init " + code);

    GpuReport gone = reader.read();

    assertThat(gone.state()).isEqualTo(GpuReport.State.FAILED);
    assertThat(gone.reason()).contains(reason);
    assertThat(gone.gpus()).hasSize(2).allSatisfy(gpu -> assertThat(gpu.problem()).isNotNull());

    nvml.says("count 2");
    GpuReport again = reader.read();
    assertThat(again.state()).isEqualTo(GpuReport.State.RUNNING);
    assertThat(again.gpus()).hasSize(2).allSatisfy(gpu -> assertThat(gpu.problem()).isNull());
  }

  @Test
  void aDriverWithoutPermissionIsNoGpus() throws Exception {
    nvml.says("init 4");

    GpuReport report = reader.read();

    assertThat(report.state()).isEqualTo(GpuReport.State.FAILED);
    assertThat(report.reason()).contains("this user may not ask the driver");
    assertThat(report.gpus()).isEmpty();
  }

  @Test
  void noLibraryIsNoDriver() throws Exception {
    try (GpuReader none = new GpuReader(folder.resolve("libnvidia-ml.so.1").toString())) {
      assertThat(none.read().state()).isEqualTo(GpuReport.State.ABSENT);
      // One that comes later is found.
      Files.copy(nvml.compile(3), folder.resolve("libnvidia-ml.so.1"));
      assertThat(none.read().state()).isEqualTo(GpuReport.State.RUNNING);
    }
  }

  @Test
  void aFileThatIsNoLibraryIsNoDriver() throws Exception {
    Path text = Files.writeString(folder.resolve("libno.so"), "not ELF");
    try (GpuReader none = new GpuReader(text.toString())) {
      assertThat(none.read().state()).isEqualTo(GpuReport.State.ABSENT);
    }
  }

  @Test
  void ofManyProcessesTheBiggestAreTold() throws Exception {
    nvml.says("count 1", "many 300");

    assertThat(reader.read().gpus().get(0).processes())
        .hasSize(NvmlProcesses.MAX)
        .first()
        .isEqualTo(new Gpu.Process(1299, "trainer", 300L << 20));
  }

  @Test
  void aListThatGrowsWhileItIsReadIsReadAllTheSame() throws Exception {
    nvml.says("count 1", "many 100", "growing 300");

    Gpu gpu = reader.read().gpus().get(0);

    assertThat(gpu.busy()).isTrue();
    assertThat(gpu.processes()).hasSize(NvmlProcesses.MAX);
  }

  @Test
  void whatBefallsAGpuIsNotToldOfTheOneThatHadItsIndexBefore() throws Exception {
    reader.read();
    nvml.says("count 2", "hidden 0");
    reader.read();

    nvml.says("count 2", "hidden 0", "lost 1");
    GpuReport report = reader.read();

    assertThat(report.gpus()).extracting(Gpu::id).containsExactly(0, -1);
    assertThat(report.gpus()).extracting(Gpu::uuid).containsExactly("GPU-stub-1", "GPU-stub-0");
    assertThat(report.gpus().get(0).problem()).contains("fallen off the bus");
    assertThat(report.gpus().get(1).problem()).contains("does not list it");
  }

  @Test
  void startsNoProcess() {
    long before = ProcessHandle.current().children().count();

    for (int i = 0; i < 20; i++) {
      reader.read();
    }

    assertThat(ProcessHandle.current().children().count()).isEqualTo(before);
    // JNA would ask ldconfig otherwise.
    assertThat(System.getProperty("jna.platform.library.path")).isNotBlank();
  }
}
