package io.muster.runtime.metric;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/**
 * OpenTelemetry's meters for generative AI: their names, labels and buckets. What OpenTelemetry
 * leaves out where it does not apply is an empty label here, since Prometheus wants the same labels
 * on all series of a name, and reads an empty label as none.
 */
public final class GenAi {
  /**
   * The label of a model that the fleet does not know: names that anybody may send are no labels.
   */
  public static final String OTHER = "_OTHER";

  private static final Duration[] DURATIONS =
      seconds(
          0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92);
  private static final Duration[] FIRST_TOKEN =
      seconds(
          0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5,
          10.0);
  private static final Duration[] PER_TOKEN =
      seconds(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5);
  private static final double[] TOKENS = {
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864
  };

  private GenAi() {}

  /**
   * The labels of an operation.
   *
   * @param operation {@code chat} and the like
   * @param provider who runs the model, empty when nobody does
   */
  public static Tags labels(String operation, String provider, String model) {
    return Tags.of(
        "gen_ai.operation.name", operation,
        "gen_ai.provider.name", provider,
        "gen_ai.request.model", model,
        "gen_ai.response.model", provider.isEmpty() ? "" : model);
  }

  /** From a request's arrival to its end; {@code error} is empty for one that ended well. */
  public static Timer requestDuration(MeterRegistry registry, Tags labels, String error) {
    return Timer.builder("gen_ai.server.request.duration")
        .description("Time from the arrival of a request to the end of its answer")
        .tags(labels.and("error.type", error))
        .serviceLevelObjectives(DURATIONS)
        .register(registry);
  }

  /** A call of a provider, seen by its caller; {@code error} is empty for one that ended well. */
  public static Timer operationDuration(MeterRegistry registry, Tags labels, String error) {
    return Timer.builder("gen_ai.client.operation.duration")
        .description("Time that a call of the model's provider took")
        .tags(labels.and("error.type", error))
        .serviceLevelObjectives(DURATIONS)
        .register(registry);
  }

  public static Timer timeToFirstToken(MeterRegistry registry, Tags labels) {
    return Timer.builder("gen_ai.server.time_to_first_token")
        .description("Time from the arrival of a streaming request to its first piece")
        .tags(labels)
        .serviceLevelObjectives(FIRST_TOKEN)
        .register(registry);
  }

  /** The same, seen by the caller of a provider. */
  public static Timer timeToFirstChunk(MeterRegistry registry, Tags labels) {
    return Timer.builder("gen_ai.client.operation.time_to_first_chunk")
        .description("Time from the call of the model's provider to the first piece of its stream")
        .tags(labels)
        .serviceLevelObjectives(FIRST_TOKEN)
        .register(registry);
  }

  public static Timer timePerOutputToken(MeterRegistry registry, Tags labels) {
    return Timer.builder("gen_ai.server.time_per_output_token")
        .description("Mean time between the tokens of a stream after the first")
        .tags(labels)
        .serviceLevelObjectives(PER_TOKEN)
        .register(registry);
  }

  /**
   * @param type {@code input} or {@code output}
   */
  public static DistributionSummary tokenUsage(MeterRegistry registry, Tags labels, String type) {
    return DistributionSummary.builder("gen_ai.client.token.usage")
        .description("Tokens that a request took")
        .tags(labels.and("gen_ai.token.type", type))
        .serviceLevelObjectives(TOKENS)
        .register(registry);
  }

  private static Duration[] seconds(double... seconds) {
    Duration[] durations = new Duration[seconds.length];
    for (int i = 0; i < seconds.length; i++) {
      durations[i] = Duration.ofNanos(Math.round(seconds[i] * 1e9));
    }
    return durations;
  }
}
