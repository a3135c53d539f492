package io.muster.hub.quota;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.muster.hub.quota.Refusal.What;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.IntSupplier;

/** What is counted of quotas: by kind of caller and limit, never by name, which would be many. */
final class QuotaMeters {
  private final Map<Principal.Kind, Counter> admitted = new EnumMap<>(Principal.Kind.class);
  private final Map<Principal.Kind, Map<What, Counter>> refused =
      new EnumMap<>(Principal.Kind.class);

  /**
   * @param held requests of this hub that hold something
   */
  QuotaMeters(MeterRegistry registry, IntSupplier held) {
    for (Principal.Kind kind : Principal.Kind.values()) {
      String caller = kind.label();
      admitted.put(
          kind,
          Counter.builder("muster.quota.admitted")
              .description("Requests of callers with a limit that were within it")
              .tag("caller", caller)
              .register(registry));
      Map<What, Counter> byLimit = new EnumMap<>(What.class);
      for (What what : What.values()) {
        byLimit.put(
            what,
            Counter.builder("muster.quota.refused")
                .description("Requests that were refused, by the limit they exceeded")
                .tag("caller", caller)
                .tag("what", what.label())
                .register(registry));
      }
      refused.put(kind, byLimit);
    }
    Gauge.builder("muster.quota.held", held::getAsInt)
        .description("Requests of this hub that hold something of a quota now")
        .register(registry);
  }

  void admitted(Principal principal) {
    admitted.get(principal.kind()).increment();
  }

  void refused(Principal principal, Refusal refusal) {
    refused.get(principal.kind()).get(refusal.what()).increment();
  }
}
