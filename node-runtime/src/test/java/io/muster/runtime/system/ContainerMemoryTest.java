package io.muster.runtime.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerMemoryTest {
  private static final long MACHINE = 8_000;

  @TempDir private Path groups;

  private void says(String file, String text) throws IOException {
    Path path = groups.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  @Test
  void aLimitOfTheNewKindIsTold() throws Exception {
    says("memory.max", "1000\n");
    says("memory.current", "700\n");
    says("memory.stat", "anon 300\ninactive_file 200\nactive_file 100\n");
    assertThat(new ContainerMemory(groups).read(MACHINE))
        .contains(new ContainerMemory.Memory(1_000, 500));
  }

  @Test
  void aLimitOfTheOldKindIsTold() throws Exception {
    says("memory/memory.limit_in_bytes", "1000\n");
    says("memory/memory.usage_in_bytes", "700\n");
    says("memory/memory.stat", "inactive_file 1\ntotal_inactive_file 600\n");
    assertThat(new ContainerMemory(groups).read(MACHINE))
        .contains(new ContainerMemory.Memory(1_000, 100));
  }

  @Test
  void noLimitIsNone() throws Exception {
    ContainerMemory memory = new ContainerMemory(groups);
    assertThat(memory.read(MACHINE)).isEmpty();
    says("memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertThat(memory.read(MACHINE)).isEmpty();
    says("memory.max", "max\n");
    assertThat(memory.read(MACHINE)).isEmpty();
    says("memory.max", "what?\n");
    assertThat(memory.read(MACHINE)).isEmpty();
  }
}
