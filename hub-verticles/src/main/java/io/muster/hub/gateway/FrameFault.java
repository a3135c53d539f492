package io.muster.hub.gateway;

/** What is wrong with a frame, on its way to the {@code error} frame that says so. */
final class FrameFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String code;

  FrameFault(String code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  /** For programs: {@code invalid_json}. */
  String code() {
    return code;
  }
}
