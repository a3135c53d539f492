package io.muster.hub.auth;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import io.muster.hub.http.ApiErrors;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.concurrent.Callable;

/**
 * Hashes passwords with argon2id, one at a time on a thread of its own: each takes a good deal of
 * memory and of a core, on purpose, and whoever sends many must not get many times that.
 */
final class Passwords {
  /** OWASP's third choice of equal strength, for hubs on small machines. */
  private static final int MEMORY_KIB = 12 * 1024;

  private static final int ITERATIONS = 3;
  private static final int HASH_BYTES = 32;
  private static final int SALT_BYTES = 16;
  private static final int MOST_WAITING = 16;
  private static final long RETRY_MS = 1_000;

  private final WorkerExecutor thread;
  private final SecureRandom random = new SecureRandom();
  private int waiting;

  /** What a password of nobody is held against; made on the thread. */
  private String nobody;

  Passwords(Vertx vertx) {
    thread = vertx.createSharedWorkerExecutor("muster-passwords", 1);
  }

  /** A hash with its salt and parameters, as text. */
  Future<String> hash(String password) {
    return later(() -> hashed(password));
  }

  /**
   * Whether it is the password; takes as long for nobody's hash as for somebody's.
   *
   * @param hash null when there is no such user: never matches
   */
  Future<Boolean> matches(String password, String hash) {
    return later(
        () -> {
          if (nobody == null) {
            nobody = hashed("nobody");
          }
          String against = hash == null ? nobody : hash;
          boolean same = Argon2Function.getInstanceFromHash(against).check(password, against);
          return same && hash != null;
        });
  }

  private String hashed(String password) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    return Argon2Function.getInstance(MEMORY_KIB, ITERATIONS, 1, HASH_BYTES, Argon2.ID)
        .hash(password.getBytes(StandardCharsets.UTF_8), salt)
        .getResult();
  }

  private <T> Future<T> later(Callable<T> work) {
    if (waiting >= MOST_WAITING) {
      return Future.failedFuture(
          ApiErrors.later(
              503, "no_capacity", "Too many log in at once: try again in a moment.", RETRY_MS));
    }
    waiting++;
    return thread.executeBlocking(work, true).onComplete(done -> waiting--);
  }
}
