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

  /** The HTTP status that a failure is answered with. */
  public static int status(Throwable cause) {
    return ApiError.of(cause).status();
  }

  /** What a failure's answer says of it, for programs; the status where there is no such word. */
  public static String code(Throwable cause) {
    ApiError error = ApiError.of(cause);
    return error.code() == null ? Integer.toString(error.status()) : error.code();
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
}
