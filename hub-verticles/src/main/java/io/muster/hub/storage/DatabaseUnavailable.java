package io.muster.hub.storage;

import io.muster.runtime.process.StartRefused;

/**
 * The database cannot be opened, for a reason that the person who started the hub can put right.
 * The message is complete in itself and never holds a password.
 */
public final class DatabaseUnavailable extends StartRefused {
  private static final long serialVersionUID = 1L;

  public DatabaseUnavailable(String message) {
    super(message);
  }

  public DatabaseUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
