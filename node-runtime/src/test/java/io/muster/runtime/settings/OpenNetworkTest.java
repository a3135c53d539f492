package io.muster.runtime.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenNetworkTest {
  private static final String STRONG = "8d0f3a6b1c7e4f2a9b5d";

  @TempDir Path folder;

  private final Map<String, String> env = new HashMap<>();

  @Test
  void onLoopbackNothingIsNeeded() {
    env.put("ROOT_NODE_HOST", "localhost");

    assertThat(Settings.load(Role.HUB, env, folder).get(Catalogue.ROOT_NODE_HOST))
        .isEqualTo("localhost");
  }

  @Test
  void anOpenHubNeedsKeysAndAStrongSecret() {
    env.put("ROOT_NODE_HOST", "0.0.0.0");

    assertThat(errors(Role.HUB))
        .hasSize(2)
        .anyMatch(error -> error.contains("needs API_KEYS") && error.contains("ALLOW_ANONYMOUS"))
        .anyMatch(error -> error.contains("needs a strong ROOT_NODE_SECRET: it is not set"));
  }

  @Test
  void anOpenHubStartsWithKeysAndAStrongSecret() {
    env.put("ROOT_NODE_HOST", "0.0.0.0");
    env.put("API_KEYS", STRONG);
    env.put("ROOT_NODE_SECRET", STRONG);

    assertThat(Settings.load(Role.HUB, env, folder)).isNotNull();
  }

  @Test
  void anOpenHubTakesNoKeyThatCanBeGuessed() {
    env.put("ROOT_NODE_HOST", "0.0.0.0");
    env.put("API_KEYS", STRONG + ",guest");
    env.put("ROOT_NODE_SECRET", STRONG);
    env.put("VCP_KEY", "vcp");

    assertThat(errors(Role.HUB))
        .hasSize(2)
        .anyMatch(error -> error.contains("strong API_KEYS: one of them has fewer than 16"))
        .anyMatch(error -> error.contains("a strong VCP_KEY") && error.contains("ALLOW_VCP_NODES"))
        .noneMatch(error -> error.contains("guest"));

    env.put("API_KEYS", STRONG);
    env.put("ALLOW_VCP_NODES", "false");
    assertThat(Settings.load(Role.HUB, env, folder)).isNotNull();
  }

  @Test
  void aWorkersHttpTellsNothingSecretAndMayBeOpen() {
    env.put("WORKER_HOST", "0.0.0.0");

    assertThat(Settings.load(Role.WORKER, env, folder)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "short",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "please-change-to-a-strong-random-secret",
        "my-password-is-very-long"
      })
  void weakSecretsAreNamedAsSuch(String secret) {
    assertThat(OpenNetwork.weakness(secret)).isPresent();
  }

  @Test
  void aRandomSecretIsStrong() {
    assertThat(OpenNetwork.weakness(STRONG)).isEmpty();
  }

  @Test
  void anOpenBusNeedsTls() {
    env.put("CLUSTER_HOST", "198.51.100.1");

    assertThat(errors(Role.WORKER))
        .containsExactly(
            "CLUSTER_HOST=198.51.100.1 (environment): off loopback the event bus runs with TLS only:"
                + " set BUS_TLS_CA, BUS_TLS_CERT, BUS_TLS_KEY (scripts/keys NODE makes the files),"
                + " or leave CLUSTER_HOST at 127.0.0.1");
  }

  @Test
  void theClusterBindsToOneInterface() {
    env.put("CLUSTER_HOST", "0.0.0.0");

    assertThat(errors(Role.WORKER))
        .anyMatch(error -> error.contains("must be one interface's address"));
  }

  @Test
  void tlsFilesMustAllBeThere() throws IOException {
    Path ca = Files.createFile(folder.resolve("ca.pem"));
    env.put("BUS_TLS_CA", ca.toString());
    env.put("BUS_TLS_KEY", "nowhere.pem");

    assertThat(errors(Role.WORKER))
        .containsExactly(
            "BUS_TLS_CA, BUS_TLS_CERT and BUS_TLS_KEY belong together: only BUS_TLS_CA,"
                + " BUS_TLS_KEY is set",
            "BUS_TLS_KEY=nowhere.pem (environment): must be a file that can be read (scripts/keys"
                + " NODE makes it)");
  }

  private List<String> errors(Role role) {
    return catchThrowableOfType(InvalidSettings.class, () -> Settings.load(role, env, folder))
        .reasons();
  }
}
