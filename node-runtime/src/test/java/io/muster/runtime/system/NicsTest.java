package io.muster.runtime.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NicsTest {
  @TempDir private Path net;

  private void nic(String name, String... has) throws IOException {
    Path folder = Files.createDirectory(net.resolve(name));
    for (String each : has) {
      Files.createDirectory(folder.resolve(each));
    }
  }

  @Test
  void aContainersTrafficIsCountedAtTheMachinesOwnCardOnly() throws Exception {
    nic("eth0", "device");
    nic("docker0", "bridge");
    nic("veth1", "master");
    nic("wg0");
    assertThat(Nics.counted(net, List.of("eth0", "docker0", "veth1", "wg0")))
        .containsExactly("eth0");
  }

  @Test
  void aBondsCardsAreCountedAndNotTheBond() throws Exception {
    nic("eth0", "device", "master");
    nic("eth1", "device", "master");
    nic("bond0");
    assertThat(Nics.counted(net, List.of("bond0", "eth0", "eth1"))).containsExactly("eth0", "eth1");
  }

  @Test
  void inAContainerItsOwnCountAndWhereNothingIsToldAll() throws Exception {
    nic("eth0");
    nic("br0", "bridge");
    nic("veth2", "master");
    assertThat(Nics.counted(net, List.of("eth0", "br0", "veth2"))).containsExactly("eth0");
    assertThat(Nics.counted(net.resolve("none"), List.of("en0", "en1")))
        .containsExactly("en0", "en1");
  }
}
