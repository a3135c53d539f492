package io.muster.worker.gpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PciDevicesTest {
  @TempDir private Path folder;

  @Test
  void countsDisplaysOfNvidiaAlone() throws IOException {
    device("0000:01:00.0", "0x10de", "0x030200");
    device("0000:01:00.1", "0x10de", "0x040300");
    device("0000:02:00.0", "0x1002", "0x030000");
    device("0000:03:00.0", "0x10de", "0x030000");
    Files.createDirectories(folder.resolve("0000:04:00.0"));

    assertThat(PciDevices.ofNvidia(folder)).isEqualTo(2);
  }

  @Test
  void aMachineThatDoesNotTellHasNone() {
    assertThat(PciDevices.ofNvidia(folder.resolve("none"))).isZero();
  }

  private void device(String name, String vendor, String kind) throws IOException {
    Path device = Files.createDirectories(folder.resolve(name));
    Files.writeString(device.resolve("vendor"), vendor + "\n");
    Files.writeString(device.resolve("class"), kind + "\n");
  }
}
