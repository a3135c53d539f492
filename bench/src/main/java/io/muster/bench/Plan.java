package io.muster.bench;

import java.time.Duration;

/**
 * How long everything lasts.
 *
 * @param rounds how often every subject is measured
 * @param warmUp load of whole answers, and again of streams, before the first round
 * @param pacedWarmUps how often the paced streams are run before the first round
 * @param latency one connection
 * @param throughput each of 16 and 256 connections
 * @param streams streams at once
 * @param pacedPasses how often the 512 paced streams are run in a round
 */
record Plan(
    int rounds,
    Duration warmUp,
    int pacedWarmUps,
    Duration latency,
    Duration throughput,
    Duration streams,
    int pacedPasses) {

  static final int FEW = 16;
  static final int MANY = 256;
  static final int PACED = 512;

  /** Answers that a subject has given before it counts as warm. */
  static final int WARM = 40_000;

  /** The starts of paced streams are spread over this; a stream lasts longer, so all overlap. */
  static final Duration PACED_SPREAD = Duration.ofMillis(1000);

  /** Between two measurements: what the last one left to do must not fall into the next. */
  static final Duration REST = Duration.ofMillis(200);

  static Plan of(Options options) {
    return options.quick()
        ? new Plan(options.rounds().orElse(3), ms(4000), 2, ms(1000), ms(1200), ms(1200), 1)
        : new Plan(options.rounds().orElse(5), ms(8000), 4, ms(4000), ms(5000), ms(5000), 2);
  }

  private static Duration ms(long millis) {
    return Duration.ofMillis(millis);
  }
}
