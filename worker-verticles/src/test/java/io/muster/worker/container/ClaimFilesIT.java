package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.container.ContainerBody;
import io.muster.container.ContainerSpec;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimFilesIT {
  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  private ClaimFiles files() {
    return new ClaimFiles(vertx, folder.resolve("claims"));
  }

  private static ClaimFiles.Kept kept(String claim) {
    ContainerSpec spec =
        ContainerBody.read(
            new JsonObject(
                "{\"claim_id\":\""
                    + claim
                    + "\",\"image\":\"i\",\"env_vars\":[\"KEY=secret\"],\"memory\":\"1g\"}"));
    return new ClaimFiles.Kept(spec, "h", List.of(1), true, true, false, 7, 2);
  }

  @Test
  void knowsAgainWhatWasWrittenDownAndNobodyElseReadsIt() throws Exception {
    ClaimFiles files = files();
    assertThat(files.load().await()).isEmpty();
    files.save(kept("a")).await();
    files.save(kept("b")).await();
    files.save(kept("a")).await();
    files.delete("b").await();
    assertThat(files().load().await()).containsExactly(kept("a"));
    Path file = folder.resolve("claims/a.json");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void aFileThatCannotBeReadTakesNoOtherWithIt() throws Exception {
    ClaimFiles files = files();
    files.load().await();
    files.save(kept("good")).await();
    Files.writeString(folder.resolve("claims/bad.json"), "{\"spec\":");
    assertThat(files().load().await()).containsExactly(kept("good"));
    assertThat(folder.resolve("claims/bad.json")).exists();
  }
}
