package io.muster.hub.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TierTest {
  private static final List<Tier> ALL = tiers(Map.of());

  private static List<Tier> tiers(Map<String, String> env) {
    return Tier.of(Settings.load(Role.HUB, env, Path.of("/nowhere")));
  }

  @Test
  void areThoseThatTheSettingsKeep() {
    assertThat(ALL)
        .containsExactly(
            new Tier(10, Duration.ofHours(1)),
            new Tier(60, Duration.ofDays(1)),
            new Tier(600, Duration.ofDays(30)));
    assertThat(tiers(Map.of("HISTORY_RAW_MINUTES", "0", "HISTORY_TEN_MINUTE_DAYS", "3")))
        .filteredOn(Tier::isKept)
        .containsExactly(new Tier(60, Duration.ofDays(1)), new Tier(600, Duration.ofDays(3)));
  }

  @ParameterizedTest
  @CsvSource({
    // Minutes back, the step that is asked for, the resolution that is taken.
    "60,1,10",
    "60,10,10",
    "60,59,10",
    "60,60,60",
    "60,3600,600",
    "61,1,60",
    "1440,1,60",
    "1441,1,600",
    "100000,1,600",
  })
  void theFinestThatReachesBackSoFarAndIsNotMuchFinerThanNeeded(int minutes, int step, int taken) {
    assertThat(Tier.choose(ALL, Duration.ofMinutes(minutes), step).step()).isEqualTo(taken);
  }
}
