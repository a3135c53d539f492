package io.muster.worker.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.identity.FleetKey;
import io.muster.identity.NodeKeys;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetPinTest {
  private static final NodeKeys FLEET = NodeKeys.generate();
  private static final NodeKeys OTHER = NodeKeys.generate();
  private static final String SECRET = "a secret of the whole fleet";

  @TempDir Path folder;

  private FleetPin pin(Map<String, String> more) {
    Map<String, String> settings = new HashMap<>(more);
    settings.put("DATA_DIR", folder.toString());
    return FleetPin.open(
        Settings.load(Role.WORKER, settings, folder),
        action -> {
          try {
            action.call();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private static FleetKey of(NodeKeys keys, String secret) {
    return FleetKey.of(keys.publicKey(), secret);
  }

  @Test
  void keepsTheFirstOverRestarts() throws Exception {
    FleetPin first = pin(Map.of());
    assertThat(first.isSet()).isFalse();
    assertThat(first.distrust(of(FLEET, null))).contains("no fleet's key yet");
    first.introduced("hub", of(FLEET, null));
    first.introduced("hub", of(OTHER, null));
    for (FleetPin pin : new FleetPin[] {first, pin(Map.of())}) {
      assertThat(pin.distrust(of(FLEET, null))).isNull();
      assertThat(pin.distrust(of(OTHER, null))).contains("fleet-key.pub").contains("FLEET_KEY");
    }
    assertThat(folder).isDirectoryNotContaining("glob:**.new");
  }

  @Test
  void asksForAProofWhereThereIsASecret() {
    FleetPin pin = pin(Map.of("ROOT_NODE_SECRET", SECRET));
    pin.introduced("hub", of(OTHER, null));
    pin.introduced("hub", of(OTHER, "another secret altogether"));
    assertThat(pin.isSet()).isFalse();
    assertThat(pin.distrust(of(OTHER, null))).contains("ROOT_NODE_SECRET");
    pin.introduced("hub", of(FLEET, SECRET));
    // Whoever has the secret, as every worker does, cannot become the hub.
    pin.introduced("hub", of(OTHER, SECRET));
    assertThat(pin.distrust(of(FLEET, null))).isNull();
    assertThat(pin.distrust(of(OTHER, SECRET))).isNotNull();
  }

  @Test
  void theOneThatIsGivenHolds() {
    pin(Map.of()).introduced("hub", of(OTHER, null));
    FleetPin pin = pin(Map.of("FLEET_KEY", FLEET.publicKey().encoded()));
    pin.introduced("hub", of(OTHER, null));
    assertThat(pin.distrust(of(FLEET, null))).isNull();
    assertThat(pin.distrust(of(OTHER, null))).isNotNull();
  }

  @Test
  void whatIsNoKeyIsSaidAtTheStart() throws Exception {
    assertThatThrownBy(() -> pin(Map.of("FLEET_KEY", "nonsense")))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("FLEET_KEY")
        .hasMessageContaining("scripts/join");
    Files.writeString(folder.resolve("fleet-key.pub"), "");
    assertThatThrownBy(() -> pin(Map.of()))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining("fleet-key.pub");
  }
}
