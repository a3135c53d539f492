package io.muster.runtime.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Lays the places where settings stand over each other, and reads and checks every value. */
final class Resolver {
  /** A value that somebody set. */
  record Found(Object value, Source source) {}

  /** A text, the name it was given under, and where. */
  private record Given(String name, String text, Layer layer) {
    String label(String asked) {
      return name.equals(asked) ? layer.label() : layer.label() + ", as " + name;
    }
  }

  private static final String ENVIRONMENT = "environment";
  private static final String FILE_SUFFIX = "_FILE";
  private static final Pattern ENVIRONMENT_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
  private static final int MAX_SECRET_FILE_BYTES = 65_536;

  private final Role role;
  private final Map<String, String> env;
  private final Path workingDirectory;
  private final List<String> errors = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  Resolver(Role role, Map<String, String> env, Path workingDirectory) {
    this.role = role;
    this.env = env;
    this.workingDirectory = workingDirectory;
  }

  Settings resolve() {
    String environment = environment();
    List<Layer> layers = new ArrayList<>();
    layers.add(new Layer(ENVIRONMENT, env));
    folder()
        .ifPresent(
            folder -> {
              layers.add(ConfigFile.read(folder.resolve(environment + ".json"), errors));
              if (!environment.equals("default")) {
                layers.add(ConfigFile.read(folder.resolve("default.json"), errors));
              }
            });
    layers.stream().skip(1).forEach(this::checkNames);
    warnOfNearlyKnownNames();

    Map<String, Found> found = new HashMap<>();
    for (Setting<?> setting : Catalogue.all()) {
      if (setting.appliesTo(role)) {
        read(setting, layers).ifPresent(value -> found.put(setting.name(), value));
      } else {
        // What another role reads of a shared file is checked too, so that a mistake shows early.
        layers.stream().skip(1).forEach(layer -> read(setting, List.of(layer)));
      }
    }
    applyDebug(found);
    Settings settings = new Settings(role, environment, Map.copyOf(found), warnings);
    if (errors.isEmpty()) {
      errors.addAll(OpenNetwork.violations(settings));
    }
    if (!errors.isEmpty()) {
      throw new InvalidSettings(errors);
    }
    return settings;
  }

  private String environment() {
    for (String name : List.of("MUSTER_ENV", "NODE_ENV")) {
      String text = env.getOrDefault(name, "").strip();
      if (!text.isEmpty()) {
        if (ENVIRONMENT_NAME.matcher(text).matches()) {
          return text;
        }
        errors.add(name + "=" + text + " (environment): must be letters, digits, - and _");
      }
    }
    return "development";
  }

  private Optional<Path> folder() {
    String text = env.getOrDefault("CONF_DIR", "").strip();
    if (text.isEmpty()) {
      return Optional.of(workingDirectory.resolve("conf")).filter(Files::isDirectory);
    }
    Path folder = workingDirectory.resolve(text);
    if (Files.isDirectory(folder)) {
      return Optional.of(folder);
    }
    errors.add("CONF_DIR=" + text + " (environment): must be a folder that exists");
    return Optional.empty();
  }

  /** An unknown name in a file is a mistake: nothing else but settings stands there. */
  private void checkNames(Layer file) {
    Set<String> known = knownNames();
    for (String name : file.texts().keySet()) {
      if (!known.contains(name)) {
        String near =
            Nearest.to(name, known).map(meant -> " (did you mean " + meant + "?)").orElse("");
        errors.add(file.label() + ": there is no setting " + name + near);
      }
    }
  }

  /** An unknown name in the environment is most likely somebody else's: only a warning. */
  private void warnOfNearlyKnownNames() {
    Set<String> known = knownNames();
    for (String name : env.keySet()) {
      if (name.length() > 8 && !known.contains(name)) {
        known.stream()
            .filter(meant -> meant.length() > 8 && Nearest.distance(name, meant) == 1)
            .findFirst()
            .ifPresent(
                meant ->
                    warnings.add(
                        name + " (environment) is not a setting: did you mean " + meant + "?"));
      }
    }
  }

  private static Set<String> knownNames() {
    Set<String> names = new LinkedHashSet<>();
    for (Setting<?> setting : Catalogue.all()) {
      names.add(setting.name());
      names.addAll(setting.aliases());
      if (setting.secret()) {
        names.add(setting.name() + FILE_SUFFIX);
      }
    }
    return names;
  }

  private Optional<Found> read(Setting<?> setting, List<Layer> layers) {
    for (Layer layer : layers) {
      Optional<Given> given = given(setting, layer);
      if (given.isPresent()) {
        return parse(setting, given.get());
      }
    }
    return Optional.empty();
  }

  private Optional<Given> given(Setting<?> setting, Layer layer) {
    String text = layer.texts().get(setting.name());
    if (setting.secret()) {
      String fileName = setting.name() + FILE_SUFFIX;
      String file = layer.texts().get(fileName);
      if (file != null && text != null) {
        errors.add(
            setting.name() + " and " + fileName + " (" + layer.label() + "): only one may be set");
        return Optional.empty();
      }
      if (file != null) {
        return secretFrom(file, fileName, layer);
      }
    }
    if (text != null) {
      return Optional.of(new Given(setting.name(), text, layer));
    }
    return setting.aliases().stream()
        .filter(layer.texts()::containsKey)
        .findFirst()
        .map(alias -> new Given(alias, layer.texts().get(alias), layer));
  }

  private Optional<Given> secretFrom(String file, String name, Layer layer) {
    String problem;
    try {
      Path path = workingDirectory.resolve(file);
      if (Files.size(path) > MAX_SECRET_FILE_BYTES) {
        problem = "is too big for a secret";
      } else {
        String text = Files.readString(path, StandardCharsets.UTF_8).strip();
        if (!text.isEmpty()) {
          return Optional.of(new Given(name, text, layer));
        }
        problem = "is empty";
      }
    } catch (IOException | RuntimeException e) {
      problem = "cannot be read";
    }
    errors.add(name + "=" + file + " (" + layer.label() + "): this file " + problem);
    return Optional.empty();
  }

  private <T> Optional<Found> parse(Setting<T> setting, Given given) {
    String label = given.label(setting.name());
    try {
      return Optional.of(new Found(setting.kind().parse(given.text()), Source.of(label)));
    } catch (IllegalArgumentException e) {
      String shown = setting.secret() ? Masking.MASK : Masking.urls(given.text());
      errors.add(
          given.name() + "=" + shown + " (" + given.layer().label() + "): " + e.getMessage());
      return Optional.empty();
    }
  }

  /** {@code DEBUG=true} means at least {@code LOG_LEVEL=debug}, whatever else is said. */
  private static void applyDebug(Map<String, Found> found) {
    Found debug = found.get(Catalogue.DEBUG.name());
    Found level = found.get(Catalogue.LOG_LEVEL.name());
    if (debug != null
        && debug.value().equals(true)
        && (level == null || !level.value().equals("trace"))) {
      Source source = Source.of(debug.source().label() + ", as DEBUG");
      found.put(Catalogue.LOG_LEVEL.name(), new Found("debug", source));
    }
  }
}
