package io.muster.hub.container;

import io.muster.container.ContainerAnswer.Offer;
import io.muster.container.ContainerSpec;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Where a container goes: of the nodes that it fits on, the one that it leaves the least GPUs free
 * on, so that those with many stay for whoever needs many. Pure.
 */
final class Placement {
  private Placement() {}

  /**
   * A node that might take it.
   *
   * @param problem why it takes nothing, null when it may; the offer may be null then
   */
  record Candidate(String nodeId, Set<String> tags, Offer offer, String problem) {
    Candidate {
      tags = Set.copyOf(tags);
    }
  }

  /**
   * Those that fit, the best first, and why the others do not.
   *
   * @param refusals by node
   */
  record Choice(List<String> nodes, TreeMap<String, String> refusals) {
    /** For people. */
    String why() {
      if (refusals.isEmpty()) {
        return "no node runs containers (ENABLE_CONTAINERS)";
      }
      StringBuilder text = new StringBuilder();
      refusals.forEach(
          (node, reason) ->
              text.append(text.isEmpty() ? "" : "; ").append(node).append(": ").append(reason));
      return text.toString();
    }
  }

  static Choice choose(ContainerSpec spec, List<Candidate> candidates) {
    TreeMap<String, String> refusals = new TreeMap<>();
    for (Candidate candidate : candidates) {
      String refusal = refusal(spec, candidate);
      if (refusal != null) {
        refusals.put(candidate.nodeId(), refusal);
      }
    }
    Comparator<Candidate> fewestGpusLeft =
        Comparator.comparingInt(each -> each.offer().freeGpus().size());
    List<String> nodes =
        candidates.stream()
            .filter(candidate -> !refusals.containsKey(candidate.nodeId()))
            .sorted(
                fewestGpusLeft
                    .thenComparingInt(each -> each.offer().running())
                    .thenComparing(each -> -each.offer().freeMemory())
                    .thenComparing(Candidate::nodeId))
            .map(Candidate::nodeId)
            .toList();
    return new Choice(nodes, refusals);
  }

  private static String refusal(ContainerSpec spec, Candidate candidate) {
    if (candidate.problem() != null) {
      return candidate.problem();
    }
    Offer offer = candidate.offer();
    if (offer.problem() != null) {
      return offer.problem();
    }
    Set<String> missing = new HashSet<>(spec.tags());
    missing.removeAll(candidate.tags());
    if (!missing.isEmpty()) {
      return "is not tagged " + String.join(", ", missing.stream().sorted().toList());
    }
    if (!offer.freeGpus().containsAll(spec.gpuIds())) {
      return "GPUs " + spec.gpuIds() + " are not all free";
    }
    if (offer.freeGpus().size() < spec.gpuCount()) {
      return offer.freeGpus().size() + " of " + offer.gpus() + " GPUs are free";
    }
    if (offer.freeMemory() < spec.memory()) {
      return offer.freeMemory() + " bytes of memory are left";
    }
    return null;
  }
}
