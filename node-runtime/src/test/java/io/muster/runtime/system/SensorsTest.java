package io.muster.runtime.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.metric.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SensorsTest {
  @TempDir private Path folder;

  @Test
  void tellsTheHottestOfEveryChip() throws IOException {
    chip("hwmon0", "coretemp", "41000", "57500");
    chip("hwmon1", "nvme", "38850");
    chip("hwmon2", "acpitz", "-273200");
    chip("hwmon3", "broken", "no number");

    assertThat(sensors().read())
        .containsExactly(
            new Sample.Temperature("cpu", 57.5), new Sample.Temperature("nvme", 38.85));
  }

  @Test
  void aMachineWithoutChipsMayHaveZones() throws IOException {
    Path zone = Files.createDirectories(folder.resolve("thermal/thermal_zone0"));
    Files.writeString(zone.resolve("type"), "cpu-thermal\n");
    Files.writeString(zone.resolve("temp"), "48312\n");

    assertThat(sensors().read()).containsExactly(new Sample.Temperature("cpu", 48.312));
  }

  @Test
  void aMachineWithNeitherTellsNothing() {
    assertThat(sensors().read()).isEmpty();
  }

  @Test
  void ofManyOnlySomeAreTold() throws IOException {
    for (int i = 0; i < 40; i++) {
      chip("hwmon" + i, "chip" + i, "40000");
    }

    assertThat(sensors().read()).hasSize(Sensors.MAX);
  }

  private Sensors sensors() {
    return new Sensors(folder.resolve("hwmon"), folder.resolve("thermal"));
  }

  private void chip(String folderName, String name, String... thousandths) throws IOException {
    Path chip = Files.createDirectories(folder.resolve("hwmon").resolve(folderName));
    Files.writeString(chip.resolve("name"), name + "\n");
    for (int i = 0; i < thousandths.length; i++) {
      Files.writeString(chip.resolve("temp" + (i + 1) + "_input"), thousandths[i] + "\n");
    }
  }
}
