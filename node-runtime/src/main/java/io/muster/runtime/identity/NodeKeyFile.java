package io.muster.runtime.identity;

import io.muster.identity.NodeKeys;
import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Catalogue;
import io.muster.runtime.settings.IdentitySettings;
import io.muster.runtime.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * The node's private key: given by {@code NODE_KEY_FILE}, or made at the first start and kept as
 * {@code DATA_DIR/node-key.pem}, which nobody else may read.
 */
public final class NodeKeyFile {
  private static final String NAME = "node-key.pem";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");
  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");
  private static final long MAX_BYTES = 65_536;

  private final Path file;
  private final String label;

  private NodeKeyFile(Path file, String label) {
    this.file = file;
    this.label = label;
  }

  /**
   * Reads the key, or makes it; blocks.
   *
   * @throws StartRefused when it cannot be used, saying what to do
   */
  public static NodeKeys open(Settings settings) {
    if (settings.find(IdentitySettings.NODE_KEY_FILE).isPresent()) {
      Path given = settings.folder(IdentitySettings.NODE_KEY_FILE);
      String source = settings.source(IdentitySettings.NODE_KEY_FILE).label();
      return new NodeKeyFile(given, "NODE_KEY_FILE=" + given + " (" + source + "): ").read();
    }
    Path kept = settings.folder(Catalogue.DATA_DIR).resolve(NAME);
    return new NodeKeyFile(kept, "DATA_DIR: " + kept + ": ").readOrMake();
  }

  private NodeKeys readOrMake() {
    try {
      Files.createDirectories(file.getParent());
      if (!Files.exists(file)) {
        make();
      }
    } catch (IOException e) {
      throw new StartRefused(label + "the node's key cannot be kept there: " + e, e);
    }
    // A file that another process made meanwhile is as good.
    return read();
  }

  /** Written whole or not at all: beside, then moved, the one who comes first wins. */
  private void make() throws IOException {
    FileAttribute<?>[] mode = isPosix() ? ownerOnly() : new FileAttribute<?>[0];
    Path fresh = Files.createTempFile(file.getParent(), NAME, ".new", mode);
    try {
      try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer pem = StandardCharsets.US_ASCII.encode(NodeKeys.generate().toPem());
        while (pem.hasRemaining()) {
          out.write(pem);
        }
        out.force(true);
      }
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      // The other one's it is.
    } catch (UnsupportedOperationException e) {
      Files.move(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private NodeKeys read() {
    String pem;
    try {
      if (isPosix()) {
        Set<PosixFilePermission> open = EnumSet.copyOf(Files.getPosixFilePermissions(file));
        open.retainAll(OTHERS);
        if (!open.isEmpty()) {
          throw new StartRefused(
              label + "others may read or change this private key: chmod 600 " + file);
        }
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new StartRefused(label + "this file is too big for a private key");
      }
      pem = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      throw new StartRefused(
          label
              + "there is no such file: make it with: openssl genpkey -algorithm ed25519 -out "
              + file,
          e);
    } catch (IOException e) {
      throw new StartRefused(label + "this file cannot be read: " + e.getMessage(), e);
    }
    try {
      return NodeKeys.ofPem(pem);
    } catch (IllegalArgumentException e) {
      throw new StartRefused(
          label
              + "this private key "
              + e.getMessage()
              + "; put the right one there, or move it away for a new one, which hubs take only"
              + " after an admin allowed it (POST /api/admin/nodes/ID/rekey)",
          e);
    }
  }

  private boolean isPosix() {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  private static FileAttribute<?>[] ownerOnly() {
    return new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)};
  }
}
