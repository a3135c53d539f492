package io.muster.worker.tool.code;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A language by the interpreter that runs it. */
enum Language {
  PYTHON("python3"),
  SH("sh"),
  BASH("bash"),
  NODE("node"),
  PERL("perl"),
  RUBY("ruby");

  private final String interpreter;

  Language(String interpreter) {
    this.interpreter = interpreter;
  }

  /** The command that runs a file. */
  String interpreter() {
    return interpreter;
  }

  /** As tools call it. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Language of(String label) {
    return valueOf(label.toUpperCase(Locale.ROOT));
  }

  static List<String> labels(Iterable<Language> languages) {
    List<String> labels = new ArrayList<>();
    languages.forEach(language -> labels.add(language.label()));
    return labels;
  }

  /** Those whose interpreters a shell's {@code command -v} has named, by a path or plainly. */
  static Set<Language> found(String commands) {
    Set<Language> found = EnumSet.noneOf(Language.class);
    for (String line : commands.lines().toList()) {
      String command = line.substring(line.lastIndexOf('/') + 1).strip();
      for (Language language : values()) {
        if (language.interpreter.equals(command)) {
          found.add(language);
        }
      }
    }
    return found;
  }
}
