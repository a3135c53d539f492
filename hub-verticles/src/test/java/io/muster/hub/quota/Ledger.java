package io.muster.hub.quota;

import io.muster.hub.quota.QuotaStore.Done;
import io.muster.hub.quota.QuotaStore.Outcome;
import io.muster.hub.quota.QuotaStore.Reserve;
import io.muster.hub.quota.QuotaStore.Settle;
import io.muster.hub.quota.QuotaStore.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Stands in for the database of all hubs: does what {@link QuotaStore} does, in memory. */
final class Ledger {
  private record Held(String hubId, Principal principal, Demand demand) {}

  final Map<Principal, Quota> quotas = new HashMap<>();
  private final Map<String, Held> holds = new HashMap<>();
  private final Map<String, Long> leases = new HashMap<>();
  private final long leaseMs;

  Ledger(long leaseMs) {
    this.leaseMs = leaseMs;
  }

  Done run(String hubId, List<Step> steps, long nowMs) {
    boolean renewed = leases.getOrDefault(hubId, -1L) >= nowMs;
    if (!renewed) {
      bury(hubId);
    }
    leases.put(hubId, nowMs + leaseMs);
    for (String hub : List.copyOf(leases.keySet())) {
      if (leases.get(hub) < nowMs) {
        bury(hub);
      }
    }
    List<Outcome> outcomes = new ArrayList<>();
    for (Step step : steps) {
      Quota quota = quotas.computeIfAbsent(step.principal(), p -> Quota.fresh());
      quota.at(nowMs);
      if (step instanceof Reserve reserve) {
        Refusal refusal = quota.reserve(reserve.limits(), reserve.demand());
        if (refusal == null) {
          holds.put(step.holdId(), new Held(hubId, step.principal(), reserve.demand()));
        }
        outcomes.add(new Outcome(refusal, quota.standing(reserve.limits())));
      } else if (step instanceof Settle settle) {
        Held held = holds.remove(step.holdId());
        if (held == null) {
          quota.count(settle.again() ? 0 : settle.tokens());
        } else {
          quota.settle(held.demand(), settle.tokens());
        }
        outcomes.add(null);
      }
    }
    return new Done(!renewed, outcomes);
  }

  private void bury(String hubId) {
    leases.remove(hubId);
    for (String id : List.copyOf(holds.keySet())) {
      Held held = holds.get(id);
      if (held.hubId().equals(hubId)) {
        holds.remove(id);
        quotas.get(held.principal()).giveBack(held.demand());
      }
    }
  }
}
