package io.muster.bus;

/**
 * One failure as it happened.
 *
 * @param failure its kind
 * @param message what a person reads; never holds a secret
 * @param retryAfterMs milliseconds after which trying again makes sense; 0 when nobody said
 * @param detail the provider's own error object as JSON text (OpenAI's {@code error} member), or
 *     null
 */
public record Fault(Failure failure, String message, long retryAfterMs, String detail) {
  public Fault {
    // Another version, or a node of another make, may leave out what everybody else relies on.
    failure = failure == null ? Failure.INTERNAL : failure;
    message = message == null ? "no reason was given" : message;
  }

  public static Fault of(Failure failure, String message) {
    return new Fault(failure, message, 0, null);
  }

  public static Fault of(Failure failure, String message, long retryAfterMs) {
    return new Fault(failure, message, retryAfterMs, null);
  }

  /** The same failure as an exception, for futures. */
  public FaultException asException() {
    return new FaultException(this);
  }

  /** What a throwable says: its fault when it carries one, else {@link Failure#INTERNAL}. */
  public static Fault from(Throwable cause) {
    if (cause instanceof FaultException fault) {
      return fault.fault();
    }
    String message = cause.getMessage();
    return of(Failure.INTERNAL, message == null ? cause.getClass().getSimpleName() : message);
  }
}
