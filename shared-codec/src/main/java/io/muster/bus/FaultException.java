package io.muster.bus;

/** A {@link Fault} on its way through futures; without a stack trace, since it is an answer. */
public final class FaultException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Fault fault;

  public FaultException(Fault fault) {
    super(fault.message(), null, false, false);
    this.fault = fault;
  }

  public FaultException(Failure failure, String message) {
    this(Fault.of(failure, message));
  }

  public Fault fault() {
    return fault;
  }
}
