package io.muster.hub.storage;

import java.nio.file.Path;

/**
 * Where the hub keeps what must last.
 *
 * @param dataDir folder of the embedded database; made when it is missing
 * @param url PostgreSQL's address, {@code postgres://user:password@host:port/name} or {@code
 *     jdbc:postgresql:…}; null or blank for the embedded database
 * @param poolSize how many transactions run at once, each on a connection and a thread of its own
 * @param timeoutMs milliseconds that a statement may take, and for which a transaction is tried
 *     again while the database cannot be reached
 * @param startTimeoutMs milliseconds for which a start waits for a PostgreSQL that is not up yet
 */
public record DatabaseOptions(
    Path dataDir, String url, int poolSize, int timeoutMs, int startTimeoutMs) {

  /** The settings' own defaults around these two. */
  public static DatabaseOptions of(Path dataDir, String url) {
    return new DatabaseOptions(dataDir, url, 8, 10_000, 30_000);
  }

  boolean embedded() {
    return url == null || url.isBlank();
  }

  @Override
  public String toString() {
    return "DatabaseOptions[" + (embedded() ? "H2 in " + dataDir : "PostgreSQL") + "]";
  }
}
