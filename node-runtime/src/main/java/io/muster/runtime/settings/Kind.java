package io.muster.runtime.settings;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** How a setting's text is read, and what it may be. */
public interface Kind<T> {

  /**
   * Reads a text that is not blank and has no spaces around it.
   *
   * @throws IllegalArgumentException whose message completes the sentence "NAME=value must …"
   */
  T parse(String text);

  /** What is allowed, for the table of settings. */
  String allowed();

  /** The value as a person would write it. */
  default String show(T value) {
    return String.valueOf(value);
  }

  /** Any text. */
  record Text(String allowed) implements Kind<String> {
    @Override
    public String parse(String text) {
      return text;
    }
  }

  /** A name that is safe in paths, URLs and addresses of the bus. */
  record Name() implements Kind<String> {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    @Override
    public String parse(String text) {
      if (NAME.matcher(text).matches()) {
        return text;
      }
      throw new IllegalArgumentException("must be " + allowed());
    }

    @Override
    public String allowed() {
      return "1 to 64 letters, digits, `.`, `_` or `-`, beginning with a letter or digit";
    }
  }

  /** A whole number in a range, both ends included. */
  record WholeNumber(int from, int to) implements Kind<Integer> {
    @Override
    public Integer parse(String text) {
      try {
        int number = Integer.parseInt(text);
        if (number >= from && number <= to) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Said below, like a number out of range.
      }
      throw new IllegalArgumentException("must be a whole number " + range());
    }

    @Override
    public String allowed() {
      return "whole number " + range();
    }

    private String range() {
      return to == Integer.MAX_VALUE ? "of at least " + from : "from " + from + " to " + to;
    }
  }

  /** True or false, with the other words people use. */
  record Flag() implements Kind<Boolean> {
    @Override
    public Boolean parse(String text) {
      return switch (text.toLowerCase(Locale.ROOT)) {
        case "true", "1", "yes", "on" -> true;
        case "false", "0", "no", "off" -> false;
        default -> throw new IllegalArgumentException("must be true or false");
      };
    }

    @Override
    public String allowed() {
      return "true, false";
    }
  }

  /** One of a few words. */
  record Choice(List<String> words) implements Kind<String> {
    @Override
    public String parse(String text) {
      String word = text.toLowerCase(Locale.ROOT);
      if (words.contains(word)) {
        return word;
      }
      String near =
          Nearest.to(word, words).map(found -> " (did you mean " + found + "?)").orElse("");
      throw new IllegalArgumentException("must be one of " + String.join(", ", words) + near);
    }

    @Override
    public String allowed() {
      return String.join(", ", words);
    }
  }

  /** Texts between commas; spaces around them and empty ones do not count. */
  record Texts(String allowed) implements Kind<List<String>> {
    @Override
    public List<String> parse(String text) {
      return split(text);
    }

    @Override
    public String show(List<String> value) {
      return String.join(",", value);
    }

    private static List<String> split(String text) {
      List<String> parts = new ArrayList<>();
      for (String part : text.split(",", -1)) {
        if (!part.isBlank()) {
          parts.add(part.strip());
        }
      }
      return List.copyOf(parts);
    }
  }

  /** Members of a cluster: {@code host} or {@code host:port}, between commas. */
  record Hosts() implements Kind<List<String>> {
    private static final Pattern HOST =
        Pattern.compile("(\\[[0-9a-fA-F:.%]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?");

    @Override
    public List<String> parse(String text) {
      List<String> hosts = Texts.split(text);
      for (String host : hosts) {
        if (!HOST.matcher(host).matches()) {
          throw new IllegalArgumentException(
              "must be host or host:port, several between commas; this one is not: " + host);
        }
      }
      return hosts;
    }

    @Override
    public String allowed() {
      return "host or host:port, between commas";
    }

    @Override
    public String show(List<String> value) {
      return String.join(",", value);
    }
  }

  /** An absolute URL with one of the schemes, shown without a slash at its end. */
  record Url(List<String> schemes) implements Kind<URI> {
    @Override
    public URI parse(String text) {
      try {
        URI url = new URI(text.replaceAll("/+$", ""));
        if (url.getScheme() != null
            && schemes.contains(url.getScheme().toLowerCase(Locale.ROOT))
            && url.getHost() != null) {
          return url;
        }
      } catch (URISyntaxException e) {
        // Said below.
      }
      String hint = text.contains("_") ? " (a host name may not hold _)" : "";
      throw new IllegalArgumentException("must be " + allowed() + hint);
    }

    @Override
    public String allowed() {
      return "a URL with "
          + String.join(" or ", schemes)
          + ", such as "
          + schemes.get(0)
          + "://host";
    }
  }

  /** URLs between commas. */
  record Urls(List<String> schemes) implements Kind<List<URI>> {
    @Override
    public List<URI> parse(String text) {
      Url url = new Url(schemes);
      return Texts.split(text).stream().map(url::parse).toList();
    }

    @Override
    public String allowed() {
      return "URLs with " + String.join(" or ", schemes) + ", between commas";
    }

    @Override
    public String show(List<URI> value) {
      return String.join(",", value.stream().map(URI::toString).toList());
    }
  }

  /** A file or folder; a relative one starts at the working directory. */
  record FilePath() implements Kind<Path> {
    @Override
    public Path parse(String text) {
      try {
        return Path.of(text);
      } catch (InvalidPathException e) {
        throw new IllegalArgumentException("must be a path");
      }
    }

    @Override
    public String allowed() {
      return "path";
    }
  }
}
