package io.muster.runtime.process;

import java.util.List;

/**
 * The process cannot start, for reasons that the person who started it can put right. Each line is
 * one reason, complete in itself; no stack trace is shown for it.
 */
public class StartRefused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final List<String> reasons;

  public StartRefused(String reason) {
    this(List.of(reason));
  }

  public StartRefused(String reason, Throwable cause) {
    super(reason, cause);
    this.reasons = List.of(reason);
  }

  public StartRefused(List<String> reasons) {
    super(String.join("\n", reasons));
    this.reasons = List.copyOf(reasons);
  }

  /** The reasons, one line each; never empty, never holding a secret. */
  public List<String> reasons() {
    return reasons;
  }
}
