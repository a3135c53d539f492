package io.muster.hub.config;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The values that an administrator set for a target, in place of those before.
 *
 * @param version grows with every change, whatever the target
 * @param values texts by the settings' names; none takes back what was there
 * @param at milliseconds since 1970
 */
record ConfigVersion(long version, Target target, Map<String, String> values, String by, long at) {
  ConfigVersion {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
  }

  /** Whom values are for; a later kind wins over an earlier. */
  enum Kind {
    ALL,
    TAG,
    NODE
  }

  /**
   * @param name the tag or the node's id; empty for all
   */
  record Target(Kind kind, String name) {
    static final Target ALL = new Target(Kind.ALL, "");
  }
}
