package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SeedTest {
  @TempDir Path folder;

  @Test
  void readsHostsWithAndWithoutPorts() {
    assertThat(Seed.parse("10.0.0.1", 5701, 20)).isEqualTo(new Seed("10.0.0.1", 5701, 20));
    assertThat(Seed.parse("host:9", 5701, 20)).isEqualTo(new Seed("host", 9, 1));
    assertThat(Seed.parse("[::1]:9", 5701, 20)).isEqualTo(new Seed("::1", 9, 1));
    assertThat(Seed.parse("[fd00::1]", 5701, 20)).isEqualTo(new Seed("fd00::1", 5701, 20));
  }

  @Test
  void onLoopbackLooksAtThisMachineOnly() {
    assertThat(seeds(Role.HUB, Map.of("WORKERS", "http://10.0.0.7:3001")))
        .containsExactly(new Seed("127.0.0.1", 5701, 20));
    assertThat(seeds(Role.WORKER, Map.of("ROOT_NODE_URL", "http://10.0.0.8:3000")))
        .containsExactly(new Seed("127.0.0.1", 5701, 20));
  }

  @Test
  void offLoopbackLooksWhereTheOtherSideIsToo() throws Exception {
    Map<String, String> open = new HashMap<>();
    for (String name : List.of("BUS_TLS_CA", "BUS_TLS_CERT", "BUS_TLS_KEY")) {
      open.put(name, Files.createFile(folder.resolve(name)).toString());
    }
    open.put("CLUSTER_HOST", "198.51.100.1");
    open.put("CLUSTER_MEMBERS", "198.51.100.2:5800");
    open.put("WORKERS", "http://10.0.0.7:3001,http://127.0.0.1:3001");
    open.put("ROOT_NODE_URL", "wss://10.0.0.8/x");

    assertThat(seeds(Role.HUB, open))
        .containsExactly(
            new Seed("198.51.100.1", 5701, 20),
            new Seed("198.51.100.2", 5800, 1),
            new Seed("10.0.0.7", 5701, 20));
    assertThat(seeds(Role.WORKER, open))
        .containsExactly(
            new Seed("198.51.100.1", 5701, 20),
            new Seed("198.51.100.2", 5800, 1),
            new Seed("10.0.0.8", 5701, 20));
  }

  private List<Seed> seeds(Role role, Map<String, String> env) {
    return Seed.of(Settings.load(role, env, folder), List.of());
  }
}
