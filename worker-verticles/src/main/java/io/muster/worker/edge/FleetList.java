package io.muster.worker.edge;

import io.muster.llm.LlmMessage;
import io.muster.node.ModelInfo;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which models the fleet has, as a hub said some seconds ago; none while no hub is there. Used on
 * the event loop.
 */
final class FleetList {
  private static final Logger log = LoggerFactory.getLogger(FleetList.class);
  private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final LlmMessage.FleetList NOTHING = new LlmMessage.FleetList(List.of(), null);

  private final Supplier<Future<LlmMessage.FleetList>> hub;
  private final BooleanSupplier hubIsThere;
  private final LongSupplier nanoTime;
  private LlmMessage.FleetList said = NOTHING;
  private boolean asked;
  private boolean asking;
  private long askedAt;

  /**
   * @param hub is asked
   * @param hubIsThere whether it can be
   */
  FleetList(
      Supplier<Future<LlmMessage.FleetList>> hub,
      BooleanSupplier hubIsThere,
      LongSupplier nanoTime) {
    this.hub = hub;
    this.hubIsThere = hubIsThere;
    this.nanoTime = nanoTime;
  }

  /** Asks anew where it is time to; called a few times a second. */
  void refresh() {
    if (!hubIsThere.getAsBoolean()) {
      said = NOTHING;
      asked = false;
      return;
    }
    long now = nanoTime.getAsLong();
    if (asking || (asked && now - askedAt < FRESH_NANOS)) {
      return;
    }
    asked = true;
    asking = true;
    askedAt = now;
    hub.get()
        .onComplete(
            list -> {
              asking = false;
              said = list;
            },
            cause -> {
              // What was there is there still, as far as anybody knows.
              asking = false;
              log.debug("no hub says which models there are: {}", cause.toString());
            });
  }

  List<ModelInfo> models() {
    return said.models();
  }

  Optional<String> defaultModel() {
    return Optional.ofNullable(said.defaultModel());
  }
}
