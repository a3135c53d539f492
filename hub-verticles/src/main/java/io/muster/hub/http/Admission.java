package io.muster.hub.http;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.quota.Principal;
import io.muster.hub.quota.QuotaGate;
import io.muster.job.Job;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The step before the dispatcher: who may call, how many at once, and how much each may use. What
 * it takes for a job is given back exactly once. Used on the hub's event loop.
 */
public final class Admission {
  private static final CharSequence X_API_KEY = HttpHeaders.createOptimized("x-api-key");
  private static final String BEARER = "Bearer ";

  private final List<byte[]> keys = new ArrayList<>();
  private final List<Caller> callers = new ArrayList<>();
  private final MessageDigest sha256;
  private final int maxInFlight;
  private final int maxStreams;
  private final QuotaGate quotas;
  private int inFlight;
  private int streams;

  public Admission(List<String> apiKeys, int maxInFlight, int maxStreams) {
    this(apiKeys, maxInFlight, maxStreams, QuotaGate.OPEN);
  }

  /**
   * @param quotas what callers may use
   */
  public Admission(List<String> apiKeys, int maxInFlight, int maxStreams, QuotaGate quotas) {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
    for (String key : apiKeys) {
      keys.add(digest(key));
      callers.add(new Caller(Principal.key("key-" + keys.size())));
    }
    this.maxInFlight = maxInFlight;
    this.maxStreams = maxStreams;
    this.quotas = quotas;
  }

  /** Jobs that are admitted now. */
  public int inFlight() {
    return inFlight;
  }

  /** Those of them that are streams. */
  public int streams() {
    return streams;
  }

  /**
   * Who sends this request; throws an {@link ApiException} (401) when that cannot be told and has
   * to be.
   */
  Caller identify(HttpServerRequest request) {
    if (keys.isEmpty()) {
      return Caller.ANYONE;
    }
    String presented = presented(request);
    if (presented == null) {
      throw refused(
          "No API key was sent: it belongs into the header 'Authorization: Bearer KEY' or"
              + " 'x-api-key'.");
    }
    byte[] digest = digest(presented);
    int found = -1;
    // All are compared, each in constant time: how long it takes says nothing about a key.
    for (int i = 0; i < keys.size(); i++) {
      if (MessageDigest.isEqual(keys.get(i), digest)) {
        found = i;
      }
    }
    if (found < 0) {
      throw refused("The API key is not one of this hub's.");
    }
    return callers.get(found);
  }

  /**
   * Takes what a job needs, a place in the hub and of the caller's quota; to be given back with
   * {@link Permit#release}.
   *
   * @return fails with {@link Failure#NO_CAPACITY} when the hub has its fill, with {@link
   *     io.muster.hub.quota.QuotaExceeded} when the caller has; nothing is taken then
   */
  Future<Permit> admit(Caller caller, Job job) {
    return place(caller, job.stream())
        .compose(permit -> permit.reserve(job).onFailure(refused -> permit.release()));
  }

  /**
   * The same for who does not come by HTTP: a node that calls models through the hub.
   *
   * @param principal whose quota it takes
   */
  public Future<Permit> admit(Principal principal, Job job) {
    return admit(new Caller(principal), job);
  }

  /**
   * Takes a place in the hub alone, for a job that is yet to be made; to be given back with {@link
   * Permit#release}.
   *
   * @return fails with {@link Failure#NO_CAPACITY} when the hub has its fill
   */
  Future<Permit> place(Caller caller, boolean stream) {
    if (inFlight >= maxInFlight) {
      return full("the hub has " + maxInFlight + " requests in flight, which is its limit");
    }
    if (stream && streams >= maxStreams) {
      return full("the hub has " + maxStreams + " streams open, which is its limit");
    }
    inFlight++;
    if (stream) {
      streams++;
    }
    return Future.succeededFuture(new Permit(this, quotas, caller, stream));
  }

  /** A place is free again. */
  void leave(boolean stream) {
    inFlight--;
    if (stream) {
      streams--;
    }
  }

  private static Future<Permit> full(String why) {
    return Future.failedFuture(Fault.of(Failure.NO_CAPACITY, why, 1000).asException());
  }

  private static ApiException refused(String why) {
    return ApiError.of(401, "invalid_api_key", null, why).asException();
  }

  private static String presented(HttpServerRequest request) {
    String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
    if (authorization != null && authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return authorization.substring(BEARER.length()).trim();
    }
    return request.getHeader(X_API_KEY);
  }

  private byte[] digest(String key) {
    return sha256.digest(key.getBytes(StandardCharsets.UTF_8));
  }
}
