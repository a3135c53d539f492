package io.muster.runtime.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of one process, all read and checked before anything starts. A value comes from the
 * environment, else from {@code conf/<environment>.json}, else from {@code conf/default.json}, else
 * it is the built-in default.
 */
public final class Settings {

  /**
   * One setting as it may be shown to people.
   *
   * @param value masked; empty when the setting is not set
   * @param source where the value came from
   */
  public record Shown(String name, String value, String source) {}

  private final Role role;
  private final String environment;
  private final Map<String, Resolver.Found> found;
  private final List<String> warnings;

  Settings(
      Role role, String environment, Map<String, Resolver.Found> found, List<String> warnings) {
    this.role = role;
    this.environment = environment;
    this.found = found;
    this.warnings = List.copyOf(warnings);
  }

  /**
   * Reads the settings of this process from its environment and the working directory.
   *
   * @throws InvalidSettings with every reason, when any value cannot be used
   */
  public static Settings load(Role role) {
    return load(role, System.getenv(), Path.of(""));
  }

  /**
   * Reads settings.
   *
   * @param env the environment's variables
   * @param workingDirectory where a relative {@code CONF_DIR} starts
   * @throws InvalidSettings with every reason, when any value cannot be used
   */
  public static Settings load(Role role, Map<String, String> env, Path workingDirectory) {
    return new Resolver(role, env, workingDirectory).resolve();
  }

  /** The process these settings are for. */
  public Role role() {
    return role;
  }

  /** The name of the environment: {@code development} unless MUSTER_ENV or NODE_ENV says more. */
  public String environment() {
    return environment;
  }

  /** What looks like a mistake but need not be one; for the log. */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * The value of a setting.
   *
   * @throws IllegalStateException when it is not set and has no default: ask {@link #find} then
   */
  public <T> T get(Setting<T> setting) {
    return find(setting)
        .orElseThrow(() -> new IllegalStateException(setting.name() + " is not set"));
  }

  /** The value of a setting, empty when it is not set and has no default. */
  @SuppressWarnings("unchecked") // The resolver parsed it with the setting's own kind.
  public <T> Optional<T> find(Setting<T> setting) {
    Resolver.Found value = found.get(setting.name());
    return Optional.ofNullable(value == null ? setting.fallback() : (T) value.value());
  }

  /** Whether somebody set it, to whatever value. */
  public boolean isSet(Setting<?> setting) {
    return found.containsKey(setting.name());
  }

  /** Where the value came from. */
  public Source source(Setting<?> setting) {
    Resolver.Found value = found.get(setting.name());
    return value == null ? Source.DEFAULT : value.source();
  }

  /** The texts of all secrets that are set: what must never be shown. */
  public Set<String> secrets() {
    Set<String> secrets = new HashSet<>();
    Catalogue.of(role)
        .filter(Setting::secret)
        .forEach(
            setting -> {
              Object value = find(setting).orElse(null);
              if (value instanceof List<?> several) {
                several.forEach(one -> secrets.add(one.toString()));
              } else if (value != null) {
                secrets.add(value.toString());
              }
            });
    return secrets;
  }

  /** The same, with some values of another source in place of its own. */
  Settings with(Map<String, Resolver.Found> others) {
    Map<String, Resolver.Found> all = new HashMap<>(found);
    all.putAll(others);
    return new Settings(role, environment, Map.copyOf(all), warnings);
  }

  /** A path as an absolute one. */
  public Path folder(Setting<Path> setting) {
    return get(setting).toAbsolutePath().normalize();
  }

  /** The text of a URL, empty when it is not set. */
  public Optional<String> url(Setting<URI> setting) {
    return find(setting).map(URI::toString);
  }

  /** All settings of this process with secrets and passwords masked, for showing to people. */
  public List<Shown> shown() {
    return Catalogue.of(role).map(this::shown).toList();
  }

  private <T> Shown shown(Setting<T> setting) {
    String value =
        find(setting)
            .map(setting.kind()::show)
            .filter(text -> !text.isEmpty())
            .map(text -> setting.secret() ? Masking.MASK : Masking.urls(text))
            .orElse("");
    return new Shown(setting.name(), value, source(setting).label());
  }
}
