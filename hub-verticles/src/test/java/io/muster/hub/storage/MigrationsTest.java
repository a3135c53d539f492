package io.muster.hub.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MigrationsTest {
  @Test
  void theListHoldsAllScriptsOfTheFolder() throws Exception {
    try (Stream<Path> files = Files.list(folder())) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .containsExactlyInAnyOrderElementsOf(Migrations.SCRIPTS);
    }
  }

  @Test
  void appliedScriptsAreRecognisedByTheirChecksums() {
    try (TestDatabase home = TestDatabase.h2()) {
      EmbeddedH2 engine = new EmbeddedH2(home.options());
      assertThat(Migrations.upToDate(engine.connections())).isFalse();
      assertThat(Migrations.apply(engine.connections())).isEqualTo(Migrations.SCRIPTS.size());
      assertThat(Migrations.upToDate(engine.connections())).isTrue();
      assertThat(Migrations.apply(engine.connections())).isZero();
      engine.close();
    }
  }

  private static Path folder() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(Migrations.class.getClassLoader().getResource("db/migration"))
            .toURI());
  }
}
