package io.muster.hub.http;

/** The errors that a feature's routes answer with, in the shape of their path. */
public final class ApiErrors {
  private ApiErrors() {}

  /**
   * 400.
   *
   * @param field what is wrong, {@code toolArgs.path}; null for the request as a whole
   * @param message names it, and says what would be right
   */
  public static RuntimeException invalid(String field, String message) {
    return ApiError.invalid(field, message).asException();
  }

  /** 404. */
  public static RuntimeException notFound(String code, String message) {
    return of(404, code, message);
  }

  /** Any other status. */
  public static RuntimeException of(int status, String code, String message) {
    return ApiError.of(status, code, null, message).asException();
  }

  /**
   * Any status, with when to come back.
   *
   * @param retryAfterMs goes out as {@code Retry-After}
   */
  public static RuntimeException later(int status, String code, String message, long retryAfterMs) {
    return new ApiError(
            status,
            status < 500 ? "requests" : "server_error",
            code,
            null,
            message,
            retryAfterMs,
            null,
            null)
        .asException();
  }

  /**
   * What an error says to whom it is told in another shape than HTTP's.
   *
   * @param code for programs, never null
   * @param message for people
   */
  public record Said(String code, String message, boolean internal) {}

  /** What went wrong; what nobody expected says nothing of itself. */
  public static Said said(Throwable cause) {
    ApiError error = ApiError.of(cause);
    String code = error.code() == null ? "invalid_request" : error.code();
    return new Said(code, error.message(), error.status() == 500);
  }
}
