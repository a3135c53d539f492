package io.muster.hub.history;

import io.muster.runtime.settings.MonitorSettings;
import io.muster.runtime.settings.Settings;
import java.time.Duration;
import java.util.ArrayList;
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

  /** Those that the settings keep, the finest first. */
  static List<Tier> of(Settings settings) {
    List<Tier> tiers = new ArrayList<>();
    add(tiers, 10, Duration.ofMinutes(settings.get(MonitorSettings.HISTORY_RAW_MINUTES)));
    add(tiers, 60, Duration.ofHours(settings.get(MonitorSettings.HISTORY_MINUTE_HOURS)));
    add(tiers, 600, Duration.ofDays(settings.get(MonitorSettings.HISTORY_TEN_MINUTE_DAYS)));
    return List.copyOf(tiers);
  }

  private static void add(List<Tier> tiers, int step, Duration kept) {
    if (!kept.isZero()) {
      tiers.add(new Tier(step, kept));
    }
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
