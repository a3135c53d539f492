package io.muster.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CatalogueTest {
  @Test
  void everyNameMeansOneThingInEachRole() {
    for (Role role : Role.values()) {
      Set<String> names = new HashSet<>();
      Catalogue.of(role)
          .forEach(
              setting -> {
                assertThat(names.add(setting.name())).as(setting.name()).isTrue();
                setting.aliases().forEach(alias -> assertThat(names.add(alias)).as(alias).isTrue());
              });
    }
  }

  @Test
  void everyDefaultIsAllowed() {
    Catalogue.all().forEach(CatalogueTest::readsItsOwnDefault);
  }

  @Test
  void knowsTheNamesThatWereAskedFor() {
    assertThat(Catalogue.all().stream().flatMap(setting -> names(setting).stream()))
        .contains("ROOT_NODE_PORT", "ROOT_NODE_HOST", "ROOT_NODE_SECRET", "WORKERS")
        .contains("HEALTH_CHECK_INTERVAL_MS", "WORKER_TIMEOUT_MS", "LOAD_BALANCE_STRATEGY")
        .contains("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "LOG_LEVEL", "LOG_DIR", "DATA_DIR")
        .contains("WORKER_ID", "WORKER_PORT", "ROOT_NODE_URL")
        .contains("ENABLE_WEB_SEARCH", "ENABLE_CODE_EXEC", "ENABLE_FILE_TOOLS")
        .contains("NODE_NAME", "NODE_LOCATION", "NODE_ENDPOINT", "CENTRAL_SERVER_URL")
        .contains("CENTRAL_SERVER_WS_URL", "PORT", "HOST", "DEBUG");
  }

  @Test
  void theTableHasALineForEachSetting() {
    String table = SettingsTable.markdown();

    assertThat(Catalogue.all())
        .allSatisfy(setting -> assertThat(table).contains("\n| `" + setting.name() + "` | "));
    assertThat(table)
        .contains("| `ROOT_NODE_PORT` | `3000` | whole number from 0 to 65535 | hub | ")
        .contains("`OPENAI_API_KEY_FILE`", "| `CONF_DIR` | `./conf` |");
    assertThat(table.lines().filter(line -> line.startsWith("|")))
        .allMatch(line -> line.matches("(\\|( .* | --- )){5}\\|") || line.contains("\\|"));
  }

  private static Set<String> names(Setting<?> setting) {
    Set<String> names = new HashSet<>(setting.aliases());
    names.add(setting.name());
    return names;
  }

  private static <T> void readsItsOwnDefault(Setting<T> setting) {
    String shown = setting.shownFallback();
    if (!shown.isEmpty()) {
      assertThat(setting.kind().parse(shown)).as(setting.name()).isEqualTo(setting.fallback());
    }
  }
}
