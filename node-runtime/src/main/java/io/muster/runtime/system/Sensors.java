package io.muster.runtime.system;

import io.muster.metric.Sample;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The temperatures that Linux tells, one a chip: the highest of its sensors. OSHI would tell the
 * processor's alone, and starts a process where there is none.
 */
final class Sensors {
  /** So many at most: samples travel with every heartbeat. */
  static final int MAX = 16;

  private static final Path CHIPS = Path.of("/sys/class/hwmon");
  private static final Path ZONES = Path.of("/sys/class/thermal");
  private static final double LOWEST = -40;
  private static final double HIGHEST = 200;

  private final Path chips;
  private final Path zones;

  Sensors() {
    this(CHIPS, ZONES);
  }

  Sensors(Path chips, Path zones) {
    this.chips = chips;
    this.zones = zones;
  }

  /** None where the system does not tell. */
  List<Sample.Temperature> read() {
    Map<String, Double> found = new LinkedHashMap<>();
    for (Path chip : folders(chips, "hwmon*")) {
      String name = text(chip.resolve("name"));
      for (Path input : folders(chip, "temp*_input")) {
        note(found, name.isEmpty() ? "sensor" : name, text(input));
      }
    }
    if (found.isEmpty()) {
      for (Path zone : folders(zones, "thermal_zone*")) {
        note(found, text(zone.resolve("type")), text(zone.resolve("temp")));
      }
    }
    return found.entrySet().stream()
        .limit(MAX)
        .map(each -> new Sample.Temperature(named(each.getKey()), each.getValue()))
        .toList();
  }

  private static void note(Map<String, Double> found, String sensor, String thousandths) {
    try {
      double celsius = Long.parseLong(thousandths) / 1000.0;
      // A sensor that is not connected tells what is not to be found on earth.
      if (!sensor.isEmpty() && celsius > LOWEST && celsius < HIGHEST) {
        found.merge(sensor, celsius, Math::max);
      }
    } catch (NumberFormatException e) {
      // It does not tell now.
    }
  }

  /** The names that people know for the processors' chips. */
  private static String named(String chip) {
    return switch (chip) {
      case "coretemp", "k10temp", "zenpower", "cpu_thermal", "cpu-thermal", "x86_pkg_temp" -> "cpu";
      default -> chip;
    };
  }

  private static List<Path> folders(Path folder, String glob) {
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
        entries.forEach(found::add);
      } catch (IOException e) {
        return List.of();
      }
    }
    found.sort(null);
    return found;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
