package io.muster.runtime.settings;

import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * One setting: a flat name that is the same in the environment and in a file.
 *
 * @param <T> what a value is once it is read
 * @param fallback the built-in default; null when the setting is simply not set then
 * @param secret never shown, and may be given as {@code NAME_FILE}, the path of a file that holds
 *     it
 * @param roles the processes it means something to
 * @param aliases other names, which count only where the name itself is not given
 * @param doc one line for people, plain Markdown
 */
public record Setting<T>(
    String name,
    Kind<T> kind,
    T fallback,
    boolean secret,
    Set<Role> roles,
    List<String> aliases,
    String group,
    String doc) {

  public Setting {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(kind, "kind");
    roles = Set.copyOf(roles);
    aliases = List.copyOf(aliases);
  }

  /** The default as a person would write it, empty when there is none. */
  public String shownFallback() {
    return fallback == null ? "" : kind.show(fallback);
  }

  /** What is allowed, for people. */
  public String allowed() {
    return kind.allowed();
  }

  /** Whether a process of this role reads it. */
  public boolean appliesTo(Role role) {
    return roles.contains(role);
  }
}
