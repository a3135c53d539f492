package io.muster.runtime.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.muster.identity.NodeKeys;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeKeyFileTest {
  @TempDir Path folder;

  @Test
  void isMadeOnceAndKeptForTheOwnerOnly() throws IOException {
    NodeKeys made = NodeKeyFile.open(settings(Map.of()));
    NodeKeys kept = NodeKeyFile.open(settings(Map.of()));

    Path file = folder.resolve("data/node-key.pem");
    assertThat(kept.publicKey().encoded()).isEqualTo(made.publicKey().encoded());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aGivenOneIsUsed() throws IOException {
    NodeKeys keys = NodeKeys.generate();
    Path file = write(keys.toPem(), "rw-------");

    assertThat(NodeKeyFile.open(given(file)).publicKey().encoded())
        .isEqualTo(keys.publicKey().encoded());
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void oneThatOthersMayReadIsRefused() throws IOException {
    Path file = write(NodeKeys.generate().toPem(), "rw-r-----");

    assertThatExceptionOfType(StartRefused.class)
        .isThrownBy(() -> NodeKeyFile.open(given(file)))
        .withMessageContaining("NODE_KEY_FILE")
        .withMessageContaining("chmod 600");
  }

  @Test
  void aBrokenOneIsRefusedAndLeftAlone() throws IOException {
    Path file = folder.resolve("data/node-key.pem");
    Files.createDirectories(file.getParent());
    Files.copy(write("swordfish", "rw-------"), file);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    assertThatExceptionOfType(StartRefused.class)
        .isThrownBy(() -> NodeKeyFile.open(settings(Map.of())))
        .withMessageContaining("rekey")
        .withMessageNotContaining("swordfish");
    assertThat(file).hasContent("swordfish");
  }

  @Test
  void aMissingOneIsRefusedWithTheCommandThatMakesIt() {
    assertThatExceptionOfType(StartRefused.class)
        .isThrownBy(() -> NodeKeyFile.open(given(folder.resolve("nowhere.pem"))))
        .withMessageContaining("openssl genpkey");
  }

  private Path write(String text, String mode) throws IOException {
    Path file = folder.resolve("given.pem");
    Files.writeString(file, text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  private Settings given(Path file) {
    return settings(Map.of("NODE_KEY_FILE", file.toString()));
  }

  private Settings settings(Map<String, String> more) {
    Map<String, String> env = new HashMap<>(more);
    env.put("DATA_DIR", folder.resolve("data").toString());
    return Settings.load(Role.WORKER, env, folder);
  }
}
