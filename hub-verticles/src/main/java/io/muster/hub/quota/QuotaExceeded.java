package io.muster.hub.quota;

/** A {@link Refusal} on its way to the caller; without a stack trace, since it is an answer. */
public final class QuotaExceeded extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Refusal refusal;
  private final transient Standing standing;

  public QuotaExceeded(Refusal refusal, Standing standing) {
    super(refusal.message(), null, false, false);
    this.refusal = refusal;
    this.standing = standing;
  }

  public Refusal refusal() {
    return refusal;
  }

  public Standing standing() {
    return standing;
  }
}
