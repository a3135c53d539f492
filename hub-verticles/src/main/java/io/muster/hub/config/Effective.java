package io.muster.hub.config;

import io.muster.hub.config.ConfigVersion.Kind;
import io.muster.hub.config.ConfigVersion.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one node should have: the values of all, over them those of its tags, over them its own; of
 * two tags that say different things, the one that was set later wins.
 *
 * @param version the newest that has a part in it; 0 when none has
 */
record Effective(long version, Map<String, String> values) {
  static final Effective NOTHING = new Effective(0, Map.of());

  Effective {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /**
   * @param versions in any order, of any target
   * @param rejected versions that the node would not take: of their targets, the one before counts
   */
  static Effective of(
      Collection<ConfigVersion> versions, String nodeId, Set<String> tags, Set<Long> rejected) {
    Map<Target, ConfigVersion> latest = new HashMap<>();
    for (ConfigVersion version : versions) {
      if (isFor(version.target(), nodeId, tags) && !rejected.contains(version.version())) {
        latest.merge(version.target(), version, (a, b) -> a.version() > b.version() ? a : b);
      }
    }
    List<ConfigVersion> order = new ArrayList<>(latest.values());
    order.sort(
        Comparator.comparing((ConfigVersion v) -> v.target().kind())
            .thenComparingLong(ConfigVersion::version));
    long newest = 0;
    Map<String, String> values = new TreeMap<>();
    for (ConfigVersion version : order) {
      newest = Math.max(newest, version.version());
      values.putAll(version.values());
    }
    return new Effective(newest, values);
  }

  static boolean isFor(Target target, String nodeId, Set<String> tags) {
    return target.kind() == Kind.ALL
        || (target.kind() == Kind.TAG && tags.contains(target.name()))
        || (target.kind() == Kind.NODE && target.name().equals(nodeId));
  }
}
