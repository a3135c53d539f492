package io.muster.hub.quota;

import java.util.Locale;
import java.util.Optional;

/**
 * What differs from the defaults for a type of nodes, a tag, a node or an API key; null leaves a
 * limit as it is for whatever is less specific.
 *
 * @param changedAt milliseconds since 1970
 * @param changedBy the user, null where nobody said
 */
record Rule(
    Scope scope,
    String name,
    Long requestsPerMinute,
    Long tokensPerDay,
    Long streams,
    Integer burst,
    long changedAt,
    String changedBy) {

  /** What a rule is about, the least specific first. */
  enum Scope {
    TYPE,
    TAG,
    NODE,
    KEY;

    String label() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Scope> of(String label) {
      for (Scope scope : values()) {
        if (scope.label().equals(label)) {
          return Optional.of(scope);
        }
      }
      return Optional.empty();
    }
  }

  Limits over(Limits limits) {
    return new Limits(
        requestsPerMinute == null ? limits.requestsPerMinute() : requestsPerMinute,
        tokensPerDay == null ? limits.tokensPerDay() : tokensPerDay,
        streams == null ? limits.streams() : streams,
        burst == null ? limits.burst() : burst);
  }

  /** Of two rules the strictest of each limit. */
  Rule strictest(Rule other) {
    return new Rule(
        scope,
        name,
        least(requestsPerMinute, other.requestsPerMinute),
        least(tokensPerDay, other.tokensPerDay),
        least(streams, other.streams),
        least(burst, other.burst),
        changedAt,
        changedBy);
  }

  private static Integer least(Integer a, Integer b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return Math.min(a, b);
  }

  private static Long least(Long a, Long b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return a < 0 ? b : b < 0 ? a : Long.valueOf(Math.min(a, b));
  }
}
