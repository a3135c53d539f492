package io.muster.hub.auth;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that there is a user {@code admin}: with ADMIN_PASSWORD where that is set, else with a
 * random one, shown once: at a terminal there, and where output goes into a file or a journal, in a
 * file that only its owner reads.
 */
final class FirstAdmin {
  private static final Logger log = LoggerFactory.getLogger(FirstAdmin.class);

  /** Without those that look alike. */
  private static final String ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

  private static final int LENGTH = 20;
  private static final String FILE = "admin-password";

  private final Vertx vertx;
  private final Accounts accounts;
  private final Passwords passwords;
  private final Path folder;
  private final PrintStream console;
  private final boolean isTerminal;

  /**
   * @param folder where the file goes
   * @param isTerminal whether a person reads the console, and no log
   */
  FirstAdmin(
      Vertx vertx,
      Accounts accounts,
      Passwords passwords,
      Path folder,
      PrintStream console,
      boolean isTerminal) {
    this.vertx = vertx;
    this.accounts = accounts;
    this.passwords = passwords;
    this.folder = folder;
    this.console = console;
    this.isTerminal = isTerminal;
  }

  /**
   * @param given ADMIN_PASSWORD
   */
  Future<Void> ensure(Optional<String> given) {
    return accounts
        .find(Account.ADMIN)
        .compose(
            found -> {
              if (found.isEmpty()) {
                String password = given.orElseGet(FirstAdmin::random);
                return passwords
                    .hash(password)
                    .compose(hash -> accounts.add(Account.ADMIN, Role.ADMIN, hash))
                    .compose(
                        added ->
                            // Of several hubs that start at once one makes it, and shows it.
                            added && given.isEmpty()
                                ? show(password)
                                : Future.<Void>succeededFuture());
              }
              return given
                  .map(password -> keep(found.get(), password))
                  .orElseGet(Future::succeededFuture);
            });
  }

  private Future<Void> keep(Account account, String password) {
    return passwords
        .matches(password, account.hash())
        .compose(
            same ->
                same
                    ? Future.<Void>succeededFuture()
                    : passwords
                        .hash(password)
                        .compose(hash -> accounts.change(Account.ADMIN, Role.ADMIN, hash))
                        .onSuccess(v -> log.warn("the password of admin is ADMIN_PASSWORD now"))
                        .mapEmpty());
  }

  private Future<Void> show(String password) {
    if (isTerminal) {
      console.println("The password of the user admin, shown this once: " + password);
      return Future.succeededFuture();
    }
    return vertx.executeBlocking(
        () -> {
          Path file = write(password);
          console.println("The password of the user admin is in " + file);
          log.info("the password of the user admin is in {}: remove it when it is known", file);
          return null;
        },
        false);
  }

  private Path write(String password) throws IOException {
    Path file = folder.resolve(FILE);
    Files.deleteIfExists(file);
    if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, password + "\n");
    return file;
  }

  /** Whether standard output is a terminal; from Java 22 on a console need not be one. */
  static boolean hasTerminal() {
    if (System.console() == null) {
      return false;
    }
    try {
      return (boolean) java.io.Console.class.getMethod("isTerminal").invoke(System.console());
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  private static String random() {
    SecureRandom random = new SecureRandom();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < LENGTH; i++) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }
}
