package io.muster.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The worker's id: given by a setting, or made at the first start and kept in {@code DATA_DIR}, so
 * that it is the same over restarts.
 */
final class NodeIdentity {
  private static final String FILE = "worker-id";

  private NodeIdentity() {}

  /**
   * @param given the setting's value, if any
   * @param dataDir made when missing
   * @throws IOException when the id can neither be read nor kept
   */
  static String of(Optional<String> given, Path dataDir) throws IOException {
    if (given.isPresent()) {
      return given.get();
    }
    Path file = dataDir.resolve(FILE);
    if (Files.exists(file)) {
      String kept = Files.readString(file).strip();
      if (!kept.isEmpty()) {
        return kept;
      }
    }
    Files.createDirectories(dataDir);
    String made = "worker-" + random(4);
    Files.writeString(file, made + "\n");
    return made;
  }

  /** Another at every start: hexadecimal digits from so many random bytes. */
  static String random(int bytes) {
    byte[] random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return HexFormat.of().formatHex(random);
  }
}
