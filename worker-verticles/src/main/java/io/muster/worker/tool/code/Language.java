package io.muster.worker.tool.code;

import java.util.List;
import java.util.Locale;

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
    List<String> labels = new java.util.ArrayList<>();
    languages.forEach(language -> labels.add(language.label()));
    return labels;
  }
}
