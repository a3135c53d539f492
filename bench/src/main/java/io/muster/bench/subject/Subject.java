package io.muster.bench.subject;

import java.io.IOException;

/** A gateway, or nothing at all, between the load and the upstream. */
public interface Subject {
  /** Short name, as in {@code --only}. */
  String name();

  /**
   * Starts it on a free port of loopback. It need not answer yet.
   *
   * @throws SubjectMissing if it is not installed here
   * @throws IOException if its files cannot be written
   */
  Running start(Workshop workshop) throws SubjectMissing, IOException;
}
