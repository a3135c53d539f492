package io.muster.worker.provider;

import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.Settings;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How providers use HTTP.
 *
 * @param connectTimeoutMs milliseconds for a connection to be made
 * @param firstTokenTimeoutMs milliseconds from the call to the first token of a stream
 * @param idleTimeoutMs milliseconds of silence within a stream
 * @param poolSize connections to one server at once
 * @param maxAnswerBytes of an answer that is not streamed, and of one event of a stream
 * @param environment variables of the process, of which only those are kept where {@code
 *     HTTP_PROXY}, {@code HTTPS_PROXY} and {@code NO_PROXY} are looked up
 */
public record ClientOptions(
    int connectTimeoutMs,
    long firstTokenTimeoutMs,
    long idleTimeoutMs,
    int poolSize,
    int maxAnswerBytes,
    Map<String, String> environment) {

  public static final ClientOptions DEFAULTS =
      new ClientOptions(5_000, 120_000, 60_000, 256, 64 << 20, Map.of());

  /** What the settings say. */
  public static ClientOptions of(Settings settings) {
    return new ClientOptions(
        settings.get(Catalogue.PROVIDER_CONNECT_TIMEOUT_MS),
        settings.get(Catalogue.PROVIDER_FIRST_TOKEN_TIMEOUT_MS),
        settings.get(Catalogue.PROVIDER_IDLE_TIMEOUT_MS),
        // A job that was taken never waits for a connection.
        Math.max(
            settings.get(Catalogue.PROVIDER_POOL_SIZE),
            settings.get(Catalogue.WORKER_MAX_CONCURRENT)),
        settings.get(Catalogue.PROVIDER_MAX_ANSWER_BYTES),
        System.getenv());
  }

  public ClientOptions {
    // The rest of a process' environment holds secrets, and a record prints itself.
    environment =
        environment.entrySet().stream()
            .filter(variable -> variable.getKey().toLowerCase(Locale.ROOT).endsWith("_proxy"))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
