package io.muster.hub.http;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.bus.FaultException;
import io.muster.hub.quota.QuotaExceeded;
import io.muster.hub.quota.Refusal;
import java.util.Locale;

/**
 * What a client is told when its request fails, before it has the shape of a protocol.
 *
 * @param type OpenAI's: {@code invalid_request_error}, {@code requests}, {@code server_error}
 * @param code for programs
 * @param param the field or header that is wrong, {@code messages[0].role}; null when it is none
 * @param message for people
 * @param retryAfterMs when to come back; 0 when nobody knows
 * @param retry what {@code x-should-retry} says; null leaves it to the client
 * @param detail the provider's own error object as JSON, which then stands for all of the above
 * @param quota which limit of the caller it was; null when it was none
 */
record ApiError(
    int status,
    String type,
    String code,
    String param,
    String message,
    long retryAfterMs,
    Boolean retry,
    String detail,
    QuotaExceeded quota) {

  private static final String INVALID = "invalid_request_error";

  /** Official clients do not wait longer than a minute. */
  private static final long LONGEST_RETRY_MS = 60_000;

  /** A request that is wrong in itself. */
  static ApiError invalid(String param, String message) {
    return of(400, null, param, message);
  }

  static ApiError of(int status, String code, String param, String message) {
    return new ApiError(
        status, status < 500 ? INVALID : "server_error", code, param, message, 0, null, null, null);
  }

  static ApiError modelNotFound(String model) {
    return of(404, "model_not_found", "model", "The model '" + model + "' does not exist here.");
  }

  /** What went wrong on the way, as clients see it; what nobody expected says nothing of itself. */
  static ApiError of(Throwable cause) {
    if (cause instanceof ApiException api) {
      return api.error();
    }
    if (cause instanceof FaultException fault) {
      return of(fault.fault());
    }
    if (cause instanceof QuotaExceeded exceeded) {
      return of(exceeded);
    }
    return of(500, "internal_error", null, "The hub failed to handle this request.");
  }

  static ApiError of(Fault fault) {
    Failure failure = fault.failure();
    int status = failure.httpStatus();
    return new ApiError(
        status,
        typeOf(failure),
        codeOf(failure),
        failure == Failure.MODEL_NOT_FOUND ? "model" : null,
        fault.message(),
        retryAfterMs(failure, fault.retryAfterMs()),
        retry(failure),
        status < 500 ? fault.detail() : null,
        null);
  }

  /** The caller's own limit: 429, with everything there is to know about it. */
  private static ApiError of(QuotaExceeded exceeded) {
    Refusal refusal = exceeded.refusal();
    return new ApiError(
        429,
        refusal.what() == Refusal.What.TOKENS ? "tokens" : "requests",
        "quota_exceeded",
        null,
        refusal.message(),
        refusal.retryAfterMs(),
        // Clients would else wait for minutes, or come back at once with what can never fit.
        refusal.retryAfterMs() > 0 && refusal.retryAfterMs() <= LONGEST_RETRY_MS,
        null,
        exceeded);
  }

  ApiException asException() {
    return new ApiException(this);
  }

  private static String typeOf(Failure failure) {
    return switch (failure) {
      case RATE_LIMITED, QUEUE_FULL -> "requests";
      default -> failure.httpStatus() < 500 ? INVALID : "server_error";
    };
  }

  private static String codeOf(Failure failure) {
    return switch (failure) {
      case BAD_REQUEST -> null;
      case UNAUTHORIZED -> "invalid_api_key";
      case RATE_LIMITED -> "rate_limit_exceeded";
      case TOO_LARGE -> "request_too_large";
      case INTERNAL -> "internal_error";
      case DEADLINE -> "deadline_exceeded";
      default -> failure.name().toLowerCase(Locale.ROOT);
    };
  }

  /** A full queue and a busy fleet always say when to come back: clients else come at once. */
  private static long retryAfterMs(Failure failure, long said) {
    return switch (failure) {
      case RATE_LIMITED, QUEUE_FULL, NO_CAPACITY, NODE_BUSY, NODE_DRAINING, PROVIDER_LIMITED ->
          said > 0 ? said : 1000;
      default -> said;
    };
  }

  /** Trying again cannot help, or would only double the load: then clients must be told not to. */
  private static Boolean retry(Failure failure) {
    return switch (failure) {
      case DEADLINE, CANCELLED, PROVIDER_AUTH, CONFLICT -> Boolean.FALSE;
      case RATE_LIMITED, QUEUE_FULL, NO_CAPACITY, PROVIDER_LIMITED -> Boolean.TRUE;
      default -> null;
    };
  }
}
