package io.muster.runtime.settings;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The settings that a hub may change in a worker while it runs, and how: its values win over the
 * worker's own, and where it says nothing, those hold again.
 */
public final class LiveSettings {
  private static final List<Setting<?>> LIVE =
      List.of(
          Catalogue.LOG_LEVEL,
          Catalogue.WORKER_MAX_CONCURRENT,
          Catalogue.DEFAULT_MODEL,
          Catalogue.OPENAI_BASE_URL,
          Catalogue.ANTHROPIC_BASE_URL,
          Catalogue.ANTHROPIC_VERSION,
          Catalogue.ANTHROPIC_MAX_TOKENS,
          Catalogue.OLLAMA_URL,
          Catalogue.OLLAMA_DETECT,
          Catalogue.DEMO_MODEL,
          Catalogue.DEMO_TOKEN_DELAY_MS,
          Catalogue.PROVIDER_CONNECT_TIMEOUT_MS,
          Catalogue.PROVIDER_FIRST_TOKEN_TIMEOUT_MS,
          Catalogue.PROVIDER_IDLE_TIMEOUT_MS,
          Catalogue.PROVIDER_POOL_SIZE,
          Catalogue.PROVIDER_MAX_ANSWER_BYTES,
          Catalogue.PROVIDER_REFRESH_MS,
          AdminSettings.TOOLS_OFF);

  private static final Map<String, Setting<?>> BY_NAME = byName();

  /** Addresses that get a key of the node's own. */
  private static final Map<Setting<URI>, Setting<String>> KEYED =
      Map.of(
          Catalogue.OPENAI_BASE_URL, Catalogue.OPENAI_API_KEY,
          Catalogue.ANTHROPIC_BASE_URL, Catalogue.ANTHROPIC_API_KEY);

  private LiveSettings() {}

  /** Their names, in the order they are shown. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * What is wrong with values that are to be sent to workers; empty when nothing is.
   *
   * @param values texts by the settings' names
   * @return a sentence each, by name, without the value where it may be a secret
   */
  public static Map<String, String> problems(Map<String, String> values) {
    Map<String, String> problems = new LinkedHashMap<>();
    values.forEach(
        (name, text) -> {
          String problem = problem(name, text);
          if (problem != null) {
            problems.put(name, problem);
          }
        });
    return problems;
  }

  /**
   * The settings with a hub's values over them.
   *
   * @param source where they come from, for people
   * @throws InvalidSettings with every reason, when any cannot be taken
   */
  public static Settings over(Settings own, Map<String, String> values, String source) {
    Map<String, String> problems = problems(values);
    if (problems.isEmpty()) {
      KEYED.forEach((url, key) -> keepKey(own, url, key, values, problems));
    }
    if (!problems.isEmpty()) {
      throw new InvalidSettings(new ArrayList<>(problems.values()));
    }
    Map<String, Resolver.Found> others = new HashMap<>();
    values.forEach(
        (name, text) ->
            others.put(
                name,
                new Resolver.Found(
                    BY_NAME.get(name).kind().parse(text.strip()), Source.of(source))));
    return own.with(others);
  }

  /** Who may steer a node must not thereby get its owner's keys sent to a server of theirs. */
  private static void keepKey(
      Settings own,
      Setting<URI> url,
      Setting<String> key,
      Map<String, String> values,
      Map<String, String> problems) {
    String wanted = values.get(url.name());
    if (wanted != null
        && own.find(key).isPresent()
        && !origin(url.kind().parse(wanted.strip())).equals(origin(own.get(url)))) {
      problems.put(
          url.name(),
          "%s: this node has %s for %s, which no other server is to get: set the address there"
              .formatted(url.name(), key.name(), origin(own.get(url))));
    }
  }

  private static String origin(URI url) {
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    int usual = scheme.equals("https") ? 443 : 80;
    int port = url.getPort() < 0 ? usual : url.getPort();
    return scheme
        + "://"
        + url.getHost().toLowerCase(Locale.ROOT)
        + (port == usual ? "" : ":" + port);
  }

  private static String problem(String name, String text) {
    Setting<?> setting = BY_NAME.get(name);
    if (setting == null) {
      return refusal(name);
    }
    if (text == null || text.isBlank()) {
      return name + ": must not be empty; leave it out and the node's own value holds";
    }
    if (!Masking.urls(text).equals(text)) {
      return name + ": must not hold a password or a key: those are set at the node";
    }
    try {
      setting.kind().parse(text.strip());
      return null;
    } catch (IllegalArgumentException e) {
      return name + "=" + text + ": " + e.getMessage();
    }
  }

  private static String refusal(String name) {
    for (Setting<?> setting : Catalogue.all()) {
      if (setting.name().equals(name)) {
        return setting.secret()
            ? name + ": is secret, and set at the node only"
            : name
                + ": cannot be changed while a node runs; these can: "
                + String.join(", ", BY_NAME.keySet());
      }
    }
    String near =
        Nearest.to(name, BY_NAME.keySet())
            .map(meant -> " (did you mean " + meant + "?)")
            .orElse("");
    return "there is no setting " + name + near;
  }

  private static Map<String, Setting<?>> byName() {
    Map<String, Setting<?>> byName = new LinkedHashMap<>();
    LIVE.forEach(setting -> byName.put(setting.name(), setting));
    return byName;
  }
}
