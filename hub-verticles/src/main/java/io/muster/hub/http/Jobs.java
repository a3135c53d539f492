package io.muster.hub.http;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Makes jobs of requests: the model that is meant, and what the headers say about the job. */
final class Jobs {
  private static final CharSequence X_SESSION_ID = HttpHeaders.createOptimized("x-session-id");
  private static final CharSequence X_PRIORITY = HttpHeaders.createOptimized("x-priority");
  private static final CharSequence X_TIMEOUT_MS = HttpHeaders.createOptimized("x-timeout-ms");
  private static final int DEFAULT_PRIORITY = 5;
  private static final int MAX_PRIORITY = 10;

  private final ModelCatalogue catalogue;
  private final long timeoutMs;
  private final RequestIds ids = new RequestIds("job_");

  Jobs(ModelCatalogue catalogue, long timeoutMs) {
    this.catalogue = catalogue;
    this.timeoutMs = timeoutMs;
  }

  /**
   * The model that is meant.
   *
   * @param named null for the fleet's default
   * @throws RuntimeException 404 for one that nobody serves, 503 when there is nobody at all
   */
  String model(String named) {
    String model =
        named == null
            ? catalogue.defaultModel().orElse(null)
            : catalogue.knows(named) ? named : null;
    if (model != null) {
      return model;
    }
    if (named == null || catalogue.models().isEmpty()) {
      throw Fault.of(Failure.NO_CAPACITY, "No worker with a model is connected to this hub.", 2000)
          .asException();
    }
    throw ApiError.modelNotFound(named).asException();
  }

  /**
   * A job with what the headers of its request say.
   *
   * @param affinity counts unless there is {@code x-session-id}
   */
  Job chat(Exchange exchange, String model, boolean stream, String affinity, byte[] body) {
    HttpServerRequest request = exchange.request();
    String session = request.getHeader(X_SESSION_ID);
    return new Job(
        ids.next(),
        exchange.requestId(),
        Job.Kind.CHAT,
        model,
        stream,
        session == null || session.isEmpty() ? affinity : Affinity.session(session),
        (int) number(request, X_PRIORITY, 0, MAX_PRIORITY, DEFAULT_PRIORITY),
        Math.min(timeoutMs, number(request, X_TIMEOUT_MS, 1, Long.MAX_VALUE, timeoutMs)),
        body);
  }

  private static long number(
      HttpServerRequest request, CharSequence header, long least, long most, long missing) {
    String text = request.getHeader(header);
    if (text == null) {
      return missing;
    }
    try {
      long value = Long.parseLong(text.trim());
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ApiError.invalid(
            header.toString(),
            "The header '"
                + header
                + "' has to be an integer of at least "
                + least
                + (most == Long.MAX_VALUE ? "." : " and at most " + most + "."))
        .asException();
  }
}
