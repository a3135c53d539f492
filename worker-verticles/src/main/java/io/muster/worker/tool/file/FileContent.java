package io.muster.worker.tool.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Set;

/**
 * Bytes of a file.
 *
 * @param size of the whole file
 */
record FileContent(byte[] bytes, long size) {
  /** Reads a part of a file, never by a link, never of what is no plain file. */
  static FileContent read(SecureDirectoryStream<Path> folder, Path name, long offset, int most)
      throws IOException {
    BasicFileAttributes attributes = RootFolder.attributes(folder, name);
    if (attributes.isSymbolicLink()) {
      throw FilePathRefused.escape("it is a symbolic link, which is not followed");
    }
    if (!attributes.isRegularFile()) {
      throw FilePathRefused.of("not_a_file", "'path': it is no plain file");
    }
    try (SeekableByteChannel file =
        folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      long size = file.size();
      ByteBuffer bytes = ByteBuffer.allocate((int) Math.max(0, Math.min(most, size - offset)));
      if (bytes.hasRemaining()) {
        file.position(offset);
      }
      while (bytes.hasRemaining() && file.read(bytes) >= 0) {
        // On to the end.
      }
      return new FileContent(Arrays.copyOf(bytes.array(), bytes.position()), size);
    }
  }

  /** As UTF-8; null where it is none. A character that is cut at the end is left out. */
  String text() {
    try {
      return decode(bytes.length);
    } catch (CharacterCodingException e) {
      for (int cut = 1; cut <= Math.min(3, bytes.length); cut++) {
        try {
          return decode(bytes.length - cut);
        } catch (CharacterCodingException again) {
          // One byte less.
        }
      }
      return null;
    }
  }

  private String decode(int length) throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes, 0, length))
        .toString();
  }

  boolean looksBinary() {
    for (int i = 0; i < Math.min(bytes.length, 8_000); i++) {
      if (bytes[i] == 0) {
        return true;
      }
    }
    return false;
  }
}
