package io.muster.hub.quota;

import io.muster.hub.quota.Refusal.What;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of refusals, in the log and as events; of each principal and limit once a minute and once a
 * second, however many there are, so that whoever is refused all the time floods neither.
 */
final class Warnings {
  private static final Logger log = LoggerFactory.getLogger("Quota");
  private static final long LOG_EVERY_NANOS = 60_000_000_000L;
  private static final long EMIT_EVERY_NANOS = 1_000_000_000L;
  private static final int MOST_KNOWN = 10_000;

  private record Key(Principal principal, What what) {}

  private static final class Told {
    long loggedAt;
    long emittedAt;
    long since;
  }

  private final BiConsumer<String, Map<String, Object>> emit;
  private final LongSupplier nanoTime;
  private final Map<Key, Told> told = new HashMap<>();

  Warnings(BiConsumer<String, Map<String, Object>> emit, LongSupplier nanoTime) {
    this.emit = emit;
    this.nanoTime = nanoTime;
  }

  void refused(Principal principal, Refusal refusal, String requestId) {
    long now = nanoTime.getAsLong();
    if (told.size() > MOST_KNOWN) {
      told.values().removeIf(known -> now - known.loggedAt > LOG_EVERY_NANOS);
    }
    Told before =
        told.computeIfAbsent(
            new Key(principal, refusal.what()),
            key -> {
              Told fresh = new Told();
              fresh.loggedAt = now - LOG_EVERY_NANOS - 1;
              fresh.emittedAt = now - EMIT_EVERY_NANOS - 1;
              return fresh;
            });
    before.since++;
    if (now - before.loggedAt > LOG_EVERY_NANOS) {
      log.warn(line(principal, refusal, before.since));
      before.loggedAt = now;
      before.since = 0;
    }
    if (now - before.emittedAt > EMIT_EVERY_NANOS) {
      before.emittedAt = now;
      Map<String, Object> data = new LinkedHashMap<>();
      boolean node = principal.kind() == Principal.Kind.NODE;
      data.put(node ? "nodeId" : "key", principal.name());
      data.put("requestId", requestId);
      data.put("what", refusal.what().label());
      data.put("limit", refusal.limit());
      data.put("used", refusal.used());
      data.put("retryAfterMs", refusal.retryAfterMs());
      emit.accept(node ? "llm_proxy_rate_limited" : "rate_limited", data);
    }
  }

  static String line(Principal principal, Refusal refusal, long times) {
    return "[Quota] %s exceeded %s (%s > %s%s)%s"
        .formatted(
            principal,
            refusal.what().label(),
            shortly(refusal.used() + refusal.wanted()),
            shortly(refusal.limit()),
            refusal.what() == What.REQUESTS ? " in " + refusal.windowMs() / 1000 + " s" : "",
            times > 1 ? ", " + times + " times since the last such line" : "");
  }

  /** 210k. */
  private static String shortly(long number) {
    if (number >= 10_000_000) {
      return number / 1_000_000 + "M";
    }
    return number >= 10_000 ? number / 1000 + "k" : Long.toString(number);
  }
}
