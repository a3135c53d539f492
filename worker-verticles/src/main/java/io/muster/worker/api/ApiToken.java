package io.muster.worker.api;

import io.muster.runtime.process.StartRefused;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * What callers of the node's API show: made at the first start and kept as {@code
 * DATA_DIR/api-token}, which nobody else may read.
 */
final class ApiToken {
  private static final String NAME = "api-token";
  private static final int BYTES = 32;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private ApiToken() {}

  /**
   * Reads it, or makes it; blocks.
   *
   * @throws StartRefused when it can be neither read nor kept, or when others may read it
   */
  static String of(Path dataDir) {
    Path file = dataDir.resolve(NAME);
    try {
      Files.createDirectories(dataDir);
      if (!Files.exists(file)) {
        make(file);
      }
      return read(file);
    } catch (IOException e) {
      throw new StartRefused(
          "DATA_DIR: " + file + ": the API's token cannot be kept there: " + e, e);
    }
  }

  private static void make(Path file) throws IOException {
    byte[] random = new byte[BYTES];
    new SecureRandom().nextBytes(random);
    FileAttribute<?>[] mode =
        isPosix(file)
            ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
            : new FileAttribute<?>[0];
    // Beside, then moved: another process never reads half of it.
    Path fresh = Files.createTempFile(file.getParent(), NAME, ".new", mode);
    try {
      Files.writeString(fresh, HexFormat.of().formatHex(random) + "\n");
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      // Another process was first: its token it is.
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A file system without links.
      if (!Files.exists(file)) {
        Files.move(fresh, file);
      }
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static String read(Path file) throws IOException {
    if (isPosix(file)) {
      Set<PosixFilePermission> others = EnumSet.copyOf(Files.getPosixFilePermissions(file));
      others.removeAll(PosixFilePermissions.fromString("rwx------"));
      if (!others.isEmpty()) {
        throw new StartRefused(
            "DATA_DIR: " + file + ": others may read or change this token: chmod 600 " + file);
      }
    }
    String token = Files.readString(file, StandardCharsets.UTF_8).strip();
    if (token.length() < BYTES) {
      throw new StartRefused(
          "DATA_DIR: " + file + ": holds no token: remove it, and the next start makes one");
    }
    return token;
  }

  private static boolean isPosix(Path file) {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
