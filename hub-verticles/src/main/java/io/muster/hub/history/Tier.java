package io.muster.hub.history;

import io.muster.runtime.settings.MonitorSettings;
import io.muster.runtime.settings.Settings;
import java.time.Duration;
import java.util.List;

/**
 * A resolution.
 *
 * @param step seconds that a row stands for
 * @param kept for how long
 */
record Tier(int step, Duration kept) {
  long stepMs() {
    return step * 1000L;
  }

  /**
   * All that there are, the finest first; those that the settings turn off are kept for no time.
   */
  static List<Tier> of(Settings settings) {
    return List.of(
        new Tier(10, Duration.ofMinutes(settings.get(MonitorSettings.HISTORY_RAW_MINUTES))),
        new Tier(60, Duration.ofHours(settings.get(MonitorSettings.HISTORY_MINUTE_HOURS))),
        new Tier(600, Duration.ofDays(settings.get(MonitorSettings.HISTORY_TEN_MINUTE_DAYS))));
  }

  boolean isKept() {
    return !kept.isZero();
  }

  /**
   * The one to be asked: the finest that reaches back so far and is not finer than asked for by
   * more than need be; where none reaches back, the one that does farthest.
   *
   * @param tiers the finest first, not empty
   * @param age how far back, from now
   * @param step seconds between two points; 0 for as fine as there is
   */
  static Tier choose(List<Tier> tiers, Duration age, int step) {
    Tier chosen = null;
    for (Tier tier : tiers) {
      boolean reaches = tier.kept().compareTo(age) >= 0;
      if (reaches && (chosen == null || tier.step() <= step)) {
        chosen = tier;
      }
    }
    return chosen == null ? tiers.get(tiers.size() - 1) : chosen;
  }
}
