package io.muster.worker.gpu;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether Linux sees GPUs of NVIDIA, with or without a driver. */
final class PciDevices {
  private static final Path FOLDER = Path.of("/sys/bus/pci/devices");
  private static final String NVIDIA = "0x10de";
  private static final String DISPLAY_CLASS = "0x03";

  private PciDevices() {}

  static int ofNvidia() {
    return ofNvidia(FOLDER);
  }

  /** How many; 0 where the system does not tell. */
  static int ofNvidia(Path folder) {
    int found = 0;
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> devices = Files.newDirectoryStream(folder)) {
        for (Path device : devices) {
          if (text(device.resolve("vendor")).equals(NVIDIA)
              && text(device.resolve("class")).startsWith(DISPLAY_CLASS)) {
            found++;
          }
        }
      } catch (IOException e) {
        return found;
      }
    }
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
