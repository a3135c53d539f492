package io.muster.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
  @TempDir Path folder;

  private final Map<String, String> env = new HashMap<>();

  @Test
  void hasDefaultsWithoutAnythingSet() {
    Settings settings = hub();

    assertThat(settings.get(Catalogue.ROOT_NODE_PORT)).isEqualTo(3000);
    assertThat(settings.get(Catalogue.ROOT_NODE_HOST)).isEqualTo("127.0.0.1");
    assertThat(settings.find(Catalogue.ROOT_NODE_SECRET)).isEmpty();
    assertThat(settings.environment()).isEqualTo("development");
    assertThat(settings.source(Catalogue.ROOT_NODE_PORT).label()).isEqualTo("default");
    assertThat(settings.isSet(Catalogue.ROOT_NODE_PORT)).isFalse();
  }

  @Test
  void environmentBeatsTheEnvironmentsFileWhichBeatsTheDefaultFile() throws IOException {
    conf("default.json", "{\"ROOT_NODE_PORT\": 1, \"QUEUE_SIZE\": 1, \"LOG_MAX_FILES\": 1}");
    conf("production.json", "{\"ROOT_NODE_PORT\": 2, \"QUEUE_SIZE\": 2}");
    env.put("NODE_ENV", "production");
    env.put("ROOT_NODE_PORT", "3");

    Settings settings = hub();

    assertThat(settings.get(Catalogue.ROOT_NODE_PORT)).isEqualTo(3);
    assertThat(settings.source(Catalogue.ROOT_NODE_PORT).label()).isEqualTo("environment");
    assertThat(settings.get(Catalogue.QUEUE_SIZE)).isEqualTo(2);
    assertThat(settings.source(Catalogue.QUEUE_SIZE).label()).endsWith("conf/production.json");
    assertThat(settings.get(Catalogue.LOG_MAX_FILES)).isEqualTo(1);
    assertThat(settings.source(Catalogue.LOG_MAX_FILES).label()).endsWith("conf/default.json");
  }

  @Test
  void musterEnvBeatsNodeEnv() {
    env.put("NODE_ENV", "production");
    env.put("MUSTER_ENV", "staging");

    assertThat(hub().environment()).isEqualTo("staging");
  }

  @Test
  void textsStayTexts() {
    env.put("ROOT_NODE_SECRET", "0123");

    assertThat(hub().get(Catalogue.ROOT_NODE_SECRET)).isEqualTo("0123");
  }

  @Test
  void blankCountsAsNotSet() {
    env.put("ROOT_NODE_PORT", " ");

    assertThat(hub().get(Catalogue.ROOT_NODE_PORT)).isEqualTo(3000);
  }

  @Test
  void readsListsFromTextsAndFromJsonArrays() throws IOException {
    env.put("CLUSTER_MEMBERS", "10.0.0.1, host.lan:5702,[::1]:5701,");
    conf("default.json", "{\"WORKERS\": [\"http://10.0.0.1:3001/\", \"http://10.0.0.2:3001\"]}");

    Settings settings = hub();

    assertThat(settings.get(Catalogue.CLUSTER_MEMBERS))
        .containsExactly("10.0.0.1", "host.lan:5702", "[::1]:5701");
    assertThat(settings.get(Catalogue.WORKERS))
        .extracting(Object::toString)
        .containsExactly("http://10.0.0.1:3001", "http://10.0.0.2:3001");
  }

  @Test
  void namesEveryWrongValueWithWhereItStandsAndWhatIsAllowed() throws IOException {
    env.put("ROOT_NODE_PORT", "abc");
    env.put("LOAD_BALANCE_STRATEGY", "least-conections");
    env.put("ALLOW_ANONYMOUS", "maybe");
    env.put("WORKERS", "http://ok:1,ftp://no");
    conf("default.json", "{\"QUEUE_SIZE\": -1}");

    assertThat(hubErrors())
        .containsExactlyInAnyOrder(
            "ROOT_NODE_PORT=abc (environment): must be a whole number from 0 to 65535",
            "LOAD_BALANCE_STRATEGY=least-conections (environment): must be one of"
                + " least-connections, round-robin, random, power-of-two, session (did you mean"
                + " least-connections?)",
            "ALLOW_ANONYMOUS=maybe (environment): must be true or false",
            "WORKERS=http://ok:1,ftp://no (environment): must be a URL with http or https, such as"
                + " http://host",
            "QUEUE_SIZE=-1 ("
                + folder.resolve("conf/default.json")
                + "): must be a whole number from 0 to 1000000");
  }

  @Test
  void anUnknownNameInAFileIsAnErrorWithTheNearestOne() throws IOException {
    conf("default.json", "{\"ROOT_NODE_PROT\": 3000, \"colour\": \"red\"}");

    assertThat(hubErrors())
        .containsExactlyInAnyOrder(
            folder.resolve("conf/default.json")
                + ": there is no setting ROOT_NODE_PROT (did you mean ROOT_NODE_PORT?)",
            folder.resolve("conf/default.json") + ": there is no setting colour");
  }

  @Test
  void aNearlyKnownNameInTheEnvironmentIsAWarning() {
    env.put("ROOT_NODE_PROT", "3000");
    env.put("PATH", "/bin");

    assertThat(hub().warnings())
        .containsExactly(
            "ROOT_NODE_PROT (environment) is not a setting: did you mean ROOT_NODE_PORT?");
  }

  @Test
  void brokenFilesAreErrors() throws IOException {
    conf("default.json", "{\"QUEUE_SIZE\": 1,\n \"QUEUE_SIZE\": 2}");
    conf("development.json", "{\"OPENAI_API_KEY\": sk-secret}");

    assertThat(hubErrors())
        .hasSize(2)
        .anyMatch(error -> error.contains("default.json: is not valid JSON: line 2, column"))
        .anyMatch(error -> error.contains("development.json: is not valid JSON: line 1, column"))
        .noneMatch(error -> error.contains("secret"));
  }

  @Test
  void nestedValuesAreErrors() throws IOException {
    conf("default.json", "{\"QUEUE_SIZE\": {\"max\": 1}, \"WORKERS\": [[]]}");

    assertThat(hubErrors())
        .containsExactly(
            folder.resolve("conf/default.json")
                + ": QUEUE_SIZE must be a plain value; settings are flat",
            folder.resolve("conf/default.json") + ": WORKERS must be a list of plain values");
  }

  @Test
  void settingsOfNodesOfAnotherMakeAreReadAsTheyStandThere() throws IOException {
    conf(
        "default.json",
        "{\"central_platform\": {\"api_url\": \"http://hub.example\"}, \"log_level\": \"debug\","
            + "\"frp\": {\"server_addr\": \"frp.example\", \"server_port\": 7001, \"token\": \"t\"},"
            + "\"agent_api\": {\"listen_address\": \"[::1]:9300\", \"auth_token\": \"a\"}}");
    env.put("PHOENIX_FRP_SERVER", "other.example");

    Settings worker = Settings.load(Role.WORKER, env, folder);

    assertThat(worker.url(Catalogue.ROOT_NODE_URL)).contains("http://hub.example");
    assertThat(worker.get(Catalogue.LOG_LEVEL)).isEqualTo("debug");
    assertThat(worker.get(NodeApiSettings.NODE_API_LISTEN))
        .isEqualTo(new ListenAddress("::1", 9300));
    assertThat(worker.get(NodeApiSettings.NODE_API_TOKEN)).isEqualTo("a");
    assertThat(worker.get(TunnelSettings.FRP_SERVER)).isEqualTo("other.example");
    assertThat(worker.get(TunnelSettings.FRP_SERVER_PORT)).isEqualTo(7001);
    assertThat(worker.get(TunnelSettings.FRP_TOKEN)).isEqualTo("t");
    assertThat(worker.secrets()).contains("a", "t");
  }

  @Test
  void anAddressToListenAtNamesAPort() {
    for (String wrong : new String[] {"127.0.0.1", "9200", "host:70000", "a b:1", "::1:9200"}) {
      env.put("NODE_API_LISTEN", wrong);
      assertThatThrownBy(() -> Settings.load(Role.WORKER, env, folder))
          .as(wrong)
          .hasMessageContaining("NODE_API_LISTEN=" + wrong)
          .hasMessageContaining("host:port");
    }
    env.put("NODE_API_LISTEN", ":9200");
    assertThat(Settings.load(Role.WORKER, env, folder).get(NodeApiSettings.NODE_API_LISTEN))
        .isEqualTo(new ListenAddress("0.0.0.0", 9200));
  }

  @Test
  void offLoopbackTheNodesApiWantsAStrongToken() {
    env.put("NODE_API_LISTEN", "0.0.0.0:9200");
    assertThat(Settings.load(Role.WORKER, env, folder)).isNotNull();
    env.put("PHOENIX_AUTH_TOKEN", "your-secret-token");
    assertThatThrownBy(() -> Settings.load(Role.WORKER, env, folder))
        .hasMessageContaining("a strong NODE_API_TOKEN")
        .hasMessageContaining("looks like an example");
  }

  @Test
  void aNamedFolderMustExistTheUsualOneNeedNot() {
    assertThat(hub()).isNotNull();

    env.put("CONF_DIR", "nowhere");

    assertThat(hubErrors())
        .containsExactly("CONF_DIR=nowhere (environment): must be a folder that exists");
  }

  @Test
  void anEnvironmentsNameIsNoPath() {
    env.put("NODE_ENV", "../../etc/passwd");

    assertThat(hubErrors())
        .containsExactly(
            "NODE_ENV=../../etc/passwd (environment): must be letters, digits, - and _");
  }

  @Test
  void shortNamesMeanWhatTheProcessIs() {
    env.put("PORT", "8080");
    env.put("CENTRAL_SERVER_WS_URL", "wss://hub.example/ws");

    assertThat(hub().get(Catalogue.ROOT_NODE_PORT)).isEqualTo(8080);
    Settings worker = worker();
    assertThat(worker.get(Catalogue.WORKER_PORT)).isEqualTo(8080);
    assertThat(worker.source(Catalogue.WORKER_PORT).label()).isEqualTo("environment, as PORT");
    assertThat(worker.url(Catalogue.ROOT_NODE_URL)).contains("wss://hub.example/ws");
  }

  @Test
  void aNameBeatsItsShortNameButNotALayerAbove() throws IOException {
    env.put("PORT", "1");
    env.put("ROOT_NODE_PORT", "2");
    assertThat(hub().get(Catalogue.ROOT_NODE_PORT)).isEqualTo(2);

    env.remove("ROOT_NODE_PORT");
    conf("default.json", "{\"ROOT_NODE_PORT\": 3}");
    assertThat(hub().get(Catalogue.ROOT_NODE_PORT)).isEqualTo(1);
  }

  @Test
  void whatTheOtherRoleReadsOfASharedFileIsChecked() throws IOException {
    conf("default.json", "{\"WORKER_PORT\": 3001, \"ENABLE_CODE_EXEC\": \"perhaps\"}");

    assertThat(hubErrors())
        .containsExactly(
            "ENABLE_CODE_EXEC=perhaps ("
                + folder.resolve("conf/default.json")
                + "): must be true or false");
  }

  @Test
  void debugRaisesTheLogLevel() {
    env.put("LOG_LEVEL", "info");
    env.put("DEBUG", "true");
    assertThat(hub().get(Catalogue.LOG_LEVEL)).isEqualTo("debug");

    env.put("LOG_LEVEL", "trace");
    assertThat(hub().get(Catalogue.LOG_LEVEL)).isEqualTo("trace");
  }

  @Test
  void aSecretMayStandInAFile() throws IOException {
    Files.writeString(folder.resolve("key"), "sk-from-file\n");
    env.put("OPENAI_API_KEY_FILE", "key");

    Settings settings = hub();

    assertThat(settings.get(Catalogue.OPENAI_API_KEY)).isEqualTo("sk-from-file");
    assertThat(settings.source(Catalogue.OPENAI_API_KEY).label())
        .isEqualTo("environment, as OPENAI_API_KEY_FILE");
  }

  @Test
  void aSecretsFileThatCannotBeUsedIsAnError() throws IOException {
    env.put("OPENAI_API_KEY_FILE", "nowhere");
    env.put("ANTHROPIC_API_KEY", "direct");
    env.put("ANTHROPIC_API_KEY_FILE", "too");

    assertThat(hubErrors())
        .containsExactlyInAnyOrder(
            "OPENAI_API_KEY_FILE=nowhere (environment): this file cannot be read",
            "ANTHROPIC_API_KEY and ANTHROPIC_API_KEY_FILE (environment): only one may be set");
  }

  @Test
  void showsNoSecret() {
    env.put("OPENAI_API_KEY", "sk-very-secret");
    env.put("API_KEYS", "key-one,key-two");
    env.put("DATABASE_URL", "postgres://muster:p@ss:w/ord@db:5432/muster?sslpassword=hidden&x=1");

    List<Settings.Shown> shown = hub().shown();

    assertThat(shown.toString())
        .doesNotContain("very-secret", "key-one", "key-two", "p@ss", "w/ord", "hidden");
    assertThat(shown)
        .contains(
            new Settings.Shown("OPENAI_API_KEY", "***", "environment"),
            new Settings.Shown("API_KEYS", "***", "environment"),
            new Settings.Shown("ANTHROPIC_API_KEY", "", "default"),
            new Settings.Shown(
                "DATABASE_URL",
                "postgres://muster:***@db:5432/muster?sslpassword=***&x=1",
                "environment"),
            new Settings.Shown("ROOT_NODE_PORT", "3000", "default"));
    assertThat(shown).extracting(Settings.Shown::name).doesNotContain("WORKER_PORT");
  }

  private Settings hub() {
    return Settings.load(Role.HUB, env, folder);
  }

  private Settings worker() {
    return Settings.load(Role.WORKER, env, folder);
  }

  private List<String> hubErrors() {
    return catchThrowableOfType(InvalidSettings.class, this::hub).reasons();
  }

  private void conf(String name, String json) throws IOException {
    Files.createDirectories(folder.resolve("conf"));
    Files.writeString(folder.resolve("conf").resolve(name), json);
  }
}
