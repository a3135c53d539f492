package io.muster.worker.container;

import io.muster.container.ContainerInfo.State;
import io.muster.container.ContainerSpec.ModelServer;
import io.muster.container.ContainerSpec.PortMapping;
import io.muster.worker.config.LiveProviders;
import io.muster.worker.provider.ClientOptions;
import io.muster.worker.provider.OpenAiProvider;
import io.muster.worker.provider.Provider;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Containers that serve models: asks each for its health, serves its models through this worker
 * while that answers, and has it started again when it does not any more.
 *
 * <pre>
 * starting → healthy ⇄ unhealthy → (started again) starting
 * </pre>
 */
final class ModelServers {
  private static final Logger log = LoggerFactory.getLogger(ModelServers.class);

  private final Vertx vertx;
  private final Claims claims;
  private final Settling settling;
  private final LiveProviders providers;
  private final ClientOptions clientOptions;
  private final ContainerNews news;
  private final Options options;
  private final LongSupplier nanoTime;
  private final HttpClient http;
  private final Map<String, Watched> watched = new HashMap<>();
  private long timer = -1;

  /**
   * @param everyMs milliseconds between two questions
   * @param failures in a row after which a server is started again
   */
  record Options(long everyMs, int failures) {}

  /** What is known of one while its container runs. */
  private static final class Watched {
    private final String address;
    private final long since;
    private boolean asking;
    private boolean serving;
    private int failures;

    Watched(String address, long since) {
      this.address = address;
      this.since = since;
    }
  }

  ModelServers(
      Vertx vertx,
      Claims claims,
      Settling settling,
      LiveProviders providers,
      ClientOptions clientOptions,
      ContainerNews news,
      Options options,
      LongSupplier nanoTime) {
    this.vertx = vertx;
    this.claims = claims;
    this.settling = settling;
    this.providers = providers;
    this.clientOptions = clientOptions;
    this.news = news;
    this.options = options;
    this.nanoTime = nanoTime;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions().setConnectTimeout(2_000).setKeepAlive(false),
            new PoolOptions().setHttp1MaxSize(8));
  }

  void start() {
    timer = vertx.setPeriodic(options.everyMs(), id -> look());
  }

  void stop() {
    vertx.cancelTimer(timer);
    http.close();
  }

  /** How many serve models now. */
  int serving() {
    return (int) watched.values().stream().filter(each -> each.serving).count();
  }

  private void look() {
    Set<String> running = new HashSet<>();
    for (Claim claim : claims.all()) {
      if (claim.isServer() && claim.state() == State.RUNNING && !claim.busy) {
        String address = address(claim);
        if (address != null) {
          running.add(claim.id());
          ask(claim, address);
        }
      }
    }
    for (String id : Set.copyOf(watched.keySet())) {
      if (!running.contains(id)) {
        withdraw(id, "its container does not run");
        watched.remove(id);
      }
    }
  }

  /** Where its port is on this machine; null while that is not known. */
  private static String address(Claim claim) {
    ModelServer server = claim.spec.server();
    if ("host".equals(claim.spec.rights().network())) {
      return "127.0.0.1:" + server.port();
    }
    for (PortMapping port : claim.ports) {
      if (port.containerPort() == server.port() && port.hostPort() != 0) {
        boolean anywhere =
            port.hostIp() == null || port.hostIp().equals("0.0.0.0") || port.hostIp().contains(":");
        return (anywhere ? "127.0.0.1" : port.hostIp()) + ":" + port.hostPort();
      }
    }
    return null;
  }

  private void ask(Claim claim, String address) {
    Watched one = watched.get(claim.id());
    if (one == null || !one.address.equals(address)) {
      withdraw(claim.id(), "it is at another port now");
      one = new Watched(address, nanoTime.getAsLong());
      watched.put(claim.id(), one);
      claim.health = "starting";
    }
    if (one.asking) {
      return;
    }
    Watched asked = one;
    asked.asking = true;
    healthy(claim.spec.server(), address)
        .onComplete(
            answered -> {
              asked.asking = false;
              if (watched.get(claim.id()) == asked) {
                well(claim, asked);
              }
            },
            cause -> {
              asked.asking = false;
              if (watched.get(claim.id()) == asked) {
                unwell(claim, asked, cause.getMessage());
              }
            });
  }

  private Future<Void> healthy(ModelServer server, String address) {
    int colon = address.lastIndexOf(':');
    long ms = Math.max(1_000, options.everyMs() * 2);
    return http.request(
            new RequestOptions()
                .setMethod(HttpMethod.GET)
                .setHost(address.substring(0, colon))
                .setPort(Integer.parseInt(address.substring(colon + 1)))
                .setURI(server.healthPath()))
        .compose(
            request ->
                request
                    .send()
                    .compose(response -> answered(server, response))
                    .timeout(ms, TimeUnit.MILLISECONDS)
                    // Else it holds its connection for as long as the server is silent.
                    .onFailure(cause -> request.reset()));
  }

  private static Future<Void> answered(ModelServer server, HttpClientResponse response) {
    return response.statusCode() / 100 == 2
        ? response.end()
        : Future.failedFuture(server.healthPath() + " answered " + response.statusCode());
  }

  private void well(Claim claim, Watched one) {
    one.failures = 0;
    claim.failures = 0;
    if (!one.serving) {
      one.serving = true;
      claim.error = null;
      ModelServer server = claim.spec.server();
      log.info(
          "model server {} at {} is healthy: its models are served", server.name(), one.address);
      providers.add(claim.id(), () -> provider(server, one.address));
      news.modelServer(claim, "model_server_healthy", Map.of());
    }
    claim.health = "healthy";
  }

  private Provider provider(ModelServer server, String address) {
    Provider all =
        new OpenAiProvider(
            vertx,
            new OpenAiProvider.Options(
                server.name(), "http://" + address + "/v1", null, null, clientOptions));
    return server.models().isEmpty() ? all : new NamedModels(all, server.models());
  }

  private void unwell(Claim claim, Watched one, String why) {
    one.failures++;
    long waitedMs = (nanoTime.getAsLong() - one.since) / 1_000_000;
    if (one.serving) {
      claim.health = "unhealthy";
    }
    boolean over =
        one.serving
            ? one.failures >= options.failures()
            : waitedMs > claim.spec.server().startTimeoutMs();
    if (over) {
      String reason =
          one.serving
              ? one.failures + " times in a row its health did not answer: " + why
              : "its health did not answer within " + waitedMs + " ms: " + why;
      withdraw(claim.id(), reason);
      watched.remove(claim.id());
      claim.error = reason;
      claim.health = "unhealthy";
      news.modelServer(claim, "model_server_unhealthy", Map.of("reason", reason));
      claim.grace = 5;
      settling
          .restart(claim)
          .onFailure(
              cause -> log.warn("model server of claim {}: {}", claim.id(), cause.getMessage()));
    }
  }

  private void withdraw(String claimId, String why) {
    Watched one = watched.get(claimId);
    if (one != null && one.serving) {
      one.serving = false;
      log.info("the models of claim {} are served no more: {}", claimId, why);
      providers.remove(claimId);
    }
  }
}
