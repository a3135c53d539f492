package io.muster.quota;

/** What hubs publish to each other about quotas, at {@link io.muster.bus.Addresses#QUOTAS}. */
public sealed interface QuotaMessage {
  /** A hub has changed the rules in the database. */
  record Changed(String hubId) implements QuotaMessage {}
}
