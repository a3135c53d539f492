package io.muster.runtime.settings;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A chapter of the catalogue: settings that belong together, made in the order they are shown. */
final class Group {
  private final String title;
  private final Set<Role> roles;
  private final List<Setting<?>> settings = new ArrayList<>();

  private Group(String title, Set<Role> roles) {
    this.title = title;
    this.roles = roles;
  }

  static Group ofHub(String title) {
    return new Group(title, EnumSet.of(Role.HUB));
  }

  static Group ofWorker(String title) {
    return new Group(title, EnumSet.of(Role.WORKER));
  }

  static Group ofBoth(String title) {
    return new Group(title, EnumSet.allOf(Role.class));
  }

  List<Setting<?>> settings() {
    return Collections.unmodifiableList(settings);
  }

  Setting<Integer> number(
      String name, int from, int to, Integer fallback, String doc, String... aliases) {
    return add(name, new Kind.WholeNumber(from, to), fallback, false, doc, aliases);
  }

  /** A number of at least this. */
  Setting<Integer> number(String name, int from, int fallback, String doc) {
    return number(name, from, Integer.MAX_VALUE, fallback, doc);
  }

  Setting<Boolean> flag(String name, boolean fallback, String doc) {
    return add(name, new Kind.Flag(), fallback, false, doc);
  }

  /** One of the words. */
  Setting<String> choice(
      String name, List<String> words, String fallback, String doc, String... aliases) {
    return add(name, new Kind.Choice(words), fallback, false, doc, aliases);
  }

  Setting<String> text(
      String name, String allowed, String fallback, String doc, String... aliases) {
    return add(name, new Kind.Text(allowed), fallback, false, doc, aliases);
  }

  Setting<String> name(String name, String fallback, String doc) {
    return add(name, new Kind.Name(), fallback, false, doc);
  }

  Setting<String> secret(String name, String doc, String... aliases) {
    return add(name, new Kind.Text("text"), null, true, doc, aliases);
  }

  Setting<ListenAddress> listen(
      String name, ListenAddress fallback, String doc, String... aliases) {
    return add(name, new ListenAddress.ListenKind(), fallback, false, doc, aliases);
  }

  Setting<List<String>> secrets(String name, String doc) {
    return add(name, new Kind.Texts("texts, between commas"), List.of(), true, doc);
  }

  Setting<List<String>> names(String name, String doc) {
    return add(name, new Kind.Texts("names, between commas"), List.of(), false, doc);
  }

  Setting<List<String>> hosts(String name, String doc) {
    return add(name, new Kind.Hosts(), List.of(), false, doc);
  }

  Setting<URI> url(
      String name, List<String> schemes, String fallback, String doc, String... aliases) {
    URI url = fallback == null ? null : URI.create(fallback);
    return add(name, new Kind.Url(schemes), url, false, doc, aliases);
  }

  Setting<List<URI>> urls(String name, List<String> schemes, String doc) {
    return add(name, new Kind.Urls(schemes), List.of(), false, doc);
  }

  Setting<Path> path(String name, String fallback, String doc) {
    Path path = fallback == null ? null : Path.of(fallback);
    return add(name, new Kind.FilePath(), path, false, doc);
  }

  private <T> Setting<T> add(
      String name, Kind<T> kind, T fallback, boolean secret, String doc, String... aliases) {
    Setting<T> setting =
        new Setting<>(name, kind, fallback, secret, roles, List.of(aliases), title, doc);
    settings.add(setting);
    return setting;
  }
}
