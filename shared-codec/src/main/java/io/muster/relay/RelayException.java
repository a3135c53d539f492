package io.muster.relay;

/** What came is no relay at all: nothing that follows it can be read, so the connection ends. */
public final class RelayException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RelayException(String message) {
    super(message, null, false, false);
  }
}
