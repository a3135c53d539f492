package io.muster.hub.events;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Which events somebody wants: names, and beginnings of names, {@code task_*}. */
public final class EventFilter {
  /** All that there are. */
  public static final EventFilter ALL = new EventFilter(Set.of("*"));

  private static final int MOST = 100;

  private final Set<String> names;
  private final List<String> beginnings;

  private EventFilter(Set<String> wanted) {
    names = new TreeSet<>(wanted);
    beginnings =
        names.stream()
            .filter(name -> name.endsWith("*"))
            .map(name -> name.substring(0, name.length() - 1))
            .toList();
  }

  /** {@code node_*,task_failed}; nothing means all. */
  public static EventFilter parse(String text) {
    return text == null || text.isBlank() ? ALL : of(Arrays.asList(text.split(",")));
  }

  /**
   * None means all.
   *
   * @throws IllegalArgumentException naming the one that no event goes by
   */
  public static EventFilter of(Collection<String> wanted) {
    Set<String> names = new TreeSet<>();
    for (String each : wanted) {
      String name = each == null ? "" : each.strip();
      if (name.isEmpty()) {
        continue;
      }
      if (names.size() >= MOST) {
        throw new IllegalArgumentException("'types' has more than " + MOST + " names");
      }
      if (!isOfAny(name)) {
        throw new IllegalArgumentException(
            "'types' has '"
                + (name.length() > 100 ? name.substring(0, 100) + "…" : name)
                + "', which is no event; GET /api/admin/events/types lists them");
      }
      names.add(name);
    }
    return names.isEmpty() ? ALL : new EventFilter(names);
  }

  private static boolean isOfAny(String name) {
    return name.endsWith("*")
        ? EventTypes.all().stream()
            .anyMatch(type -> type.name().startsWith(name.substring(0, name.length() - 1)))
        : EventTypes.isKnown(name);
  }

  /** Whether it wants events of this type. */
  public boolean accepts(String type) {
    if (names.contains(type)) {
      return true;
    }
    for (int i = 0; i < beginnings.size(); i++) {
      if (type.startsWith(beginnings.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** As they were given, sorted. */
  public List<String> names() {
    return List.copyOf(names);
  }
}
