package io.muster.worker.api;

/**
 * Why a request to the node's API cannot be done. Thrown by a route, or what its future failed
 * with; the caller reads all of it.
 */
public final class ApiProblem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final String field;

  /**
   * @param status of HTTP, 400 to 599
   * @param code for programs: {@code invalid_value}, {@code not_found} …
   * @param field which one of the request is meant, as a path ({@code port_mappings[0].host_port});
   *     null for none
   * @param message what is wrong and what helps, for people; nothing secret
   */
  public ApiProblem(int status, String code, String field, String message) {
    super(message, null, false, false);
    this.status = status;
    this.code = code;
    this.field = field;
  }

  /** A field that cannot be used: 400. */
  public static ApiProblem invalid(String field, String message) {
    return new ApiProblem(400, "invalid_value", field, message);
  }

  public static ApiProblem notFound(String message) {
    return new ApiProblem(404, "not_found", null, message);
  }

  /** What it is asked of is in a state that does not allow it: 409. */
  public static ApiProblem conflict(String code, String message) {
    return new ApiProblem(409, code, null, message);
  }

  /** Something that the node needs for it is missing or down: 503. */
  public static ApiProblem unavailable(String code, String message) {
    return new ApiProblem(503, code, null, message);
  }

  public int status() {
    return status;
  }

  public String code() {
    return code;
  }

  /** Null for none. */
  public String field() {
    return field;
  }
}
