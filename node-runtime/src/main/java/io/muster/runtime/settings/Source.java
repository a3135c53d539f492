package io.muster.runtime.settings;

/**
 * Where a value came from.
 *
 * @param label for people: {@code environment}, a file's path, {@code default}; with the name that
 *     was really used where that is another
 * @param isDefault whether nobody set it
 */
public record Source(String label, boolean isDefault) {
  static final Source DEFAULT = new Source("default", true);

  static Source of(String label) {
    return new Source(label, false);
  }
}
