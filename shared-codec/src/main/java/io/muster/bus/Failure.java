package io.muster.bus;

import com.fasterxml.jackson.annotation.JsonEnumDefaultValue;

/**
 * What can go wrong between a client, a hub and a node: the code that travels in a {@code
 * ReplyException} (a subclass of it would not survive the wire), the HTTP status that a client
 * gets, and whether another node may be tried before the first token.
 */
public enum Failure {
  /** Something nobody foresaw; also whatever a newer version calls by a name unknown here. */
  @JsonEnumDefaultValue
  INTERNAL(1, 500, true),
  /** The request itself is wrong: the client's own 4xx, never tried again. */
  BAD_REQUEST(2, 400, false),
  UNAUTHORIZED(3, 401, false),
  FORBIDDEN(4, 403, false),
  NOT_FOUND(5, 404, false),
  /** The node does not serve the model, or no more: the hub's list may be a moment old. */
  MODEL_NOT_FOUND(6, 404, true),
  CONFLICT(7, 409, false),
  TOO_LARGE(8, 413, false),
  /** The caller's own limit, or a full queue: come back later. */
  RATE_LIMITED(9, 429, false),
  QUEUE_FULL(10, 429, false),
  /**
   * The client went away, or an admin cancelled. No status reaches anybody; 499 is for the logs.
   */
  CANCELLED(11, 499, false),
  /** The node has no free place for this job: tried elsewhere without counting against it. */
  NODE_BUSY(12, 503, true),
  /** The node finishes what runs and takes nothing new. */
  NODE_DRAINING(13, 503, true),
  /** The node is gone, or silent for longer than a worker may be. */
  NODE_LOST(14, 502, true),
  /** No node can take the job now. */
  NO_CAPACITY(15, 503, false),
  /** The provider refuses for its own limit (its 429, or an overload answer). */
  PROVIDER_LIMITED(16, 503, true),
  /** The provider cannot be reached, or answered with an error of its own. */
  PROVIDER_ERROR(17, 502, true),
  /** The provider did not answer in time. */
  PROVIDER_TIMEOUT(18, 504, true),
  /** The provider refused the owner's credentials: another node may have better ones. */
  PROVIDER_AUTH(19, 502, true),
  /** The job's own deadline passed. */
  DEADLINE(20, 504, false),
  /** Frames of a stream are missing. */
  STREAM_BROKEN(21, 502, true),
  /** The other side of the bus did not reply in time, or nobody serves the address. */
  UNREACHABLE(22, 503, true);

  private static final Failure[] BY_CODE = new Failure[64];

  static {
    for (Failure failure : values()) {
      BY_CODE[failure.code] = failure;
    }
  }

  private final int code;
  private final int httpStatus;
  private final boolean elsewhere;

  Failure(int code, int httpStatus, boolean elsewhere) {
    this.code = code;
    this.httpStatus = httpStatus;
    this.elsewhere = elsewhere;
  }

  /** The number that travels on the wire; never reused for another meaning. */
  public int code() {
    return code;
  }

  /** The HTTP status that a client of the hub gets. */
  public int httpStatus() {
    return httpStatus;
  }

  /** Whether the same job may be tried on another node while no token of it was sent. */
  public boolean mayTryElsewhere() {
    return elsewhere;
  }

  /** The failure with this code; {@link #INTERNAL} for one that this version does not know. */
  public static Failure ofCode(int code) {
    return code > 0 && code < BY_CODE.length && BY_CODE[code] != null ? BY_CODE[code] : INTERNAL;
  }
}
