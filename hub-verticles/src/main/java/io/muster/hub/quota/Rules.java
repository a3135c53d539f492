package io.muster.hub.quota;

import io.muster.hub.quota.Rule.Scope;
import io.muster.node.NodeType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * All limits there are: the most specific rule wins, limit by limit: node, then tags (of several
 * the strictest), then type, then the defaults.
 */
final class Rules {
  private final Limits nodes;
  private final Limits keys;
  private final List<Rule> all;
  private final Map<Scope, Map<String, Rule>> byScope = new EnumMap<>(Scope.class);
  private final Map<String, Limits> byKey = new HashMap<>();

  /**
   * @param nodes every node's, where nothing else is said
   * @param keys every API key's
   */
  Rules(Limits nodes, Limits keys, List<Rule> all) {
    this.nodes = nodes;
    this.keys = keys;
    this.all = List.copyOf(all);
    for (Scope scope : Scope.values()) {
      byScope.put(scope, new HashMap<>());
    }
    for (Rule rule : all) {
      byScope.get(rule.scope()).put(rule.name(), rule);
    }
    byScope.get(Scope.KEY).forEach((name, rule) -> byKey.put(name, rule.over(keys)));
  }

  Rules with(List<Rule> others) {
    return new Rules(nodes, keys, others);
  }

  List<Rule> all() {
    return all;
  }

  Limits nodes() {
    return nodes;
  }

  Limits keys() {
    return keys;
  }

  Limits ofKey(String name) {
    return byKey.getOrDefault(name, keys);
  }

  /**
   * @param type null for a node that nobody knows
   */
  Limits ofNode(String id, NodeType type, Set<String> tags) {
    Limits limits = nodes;
    if (type != null) {
      Rule rule = byScope.get(Scope.TYPE).get(type.name().toLowerCase(Locale.ROOT));
      limits = rule == null ? limits : rule.over(limits);
    }
    Rule strictest = null;
    for (String tag : tags) {
      Rule rule = byScope.get(Scope.TAG).get(tag);
      if (rule != null) {
        strictest = strictest == null ? rule : strictest.strictest(rule);
      }
    }
    limits = strictest == null ? limits : strictest.over(limits);
    Rule own = byScope.get(Scope.NODE).get(id);
    return own == null ? limits : own.over(limits);
  }
}
