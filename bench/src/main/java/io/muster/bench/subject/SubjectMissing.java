package io.muster.bench.subject;

/** A subject cannot be measured here; the message says what to install. */
public final class SubjectMissing extends Exception {
  private static final long serialVersionUID = 1L;

  SubjectMissing(String message) {
    super(message);
  }
}
