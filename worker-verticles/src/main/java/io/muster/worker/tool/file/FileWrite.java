package io.muster.worker.tool.file;

import io.muster.worker.tool.Schema;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes a file: beside it first, then in its place by one move, so that whoever reads it sees the
 * old content or the new.
 */
final class FileWrite extends FileTool {
  static final String TEMPORARY = ".muster-";

  private final RootFolder root;
  private final int maxBytes;

  FileWrite(RootFolder root, int maxBytes, WorkerExecutor executor) {
    super(
        "file_write",
        "Writes a file; one that is there is replaced, and folders on the way are made.",
        new Schema()
            .text("path", 1, 4_096, "The file, below the tools' folder.")
            .text("content", 0, 2 * maxBytes, "What to write.")
            .choice("encoding", "How the content is given.", List.of("utf-8", "base64"))
            .required("path", "content")
            .build(),
        executor);
    this.root = root;
    this.maxBytes = maxBytes;
  }

  @Override
  JsonObject work(JsonObject args, AtomicBoolean over) throws IOException {
    byte[] content = content(args);
    if (content.length > maxBytes) {
      throw FilePathRefused.of(
          "too_large",
          "'content' has %d bytes, FILE_TOOLS_MAX_BYTES allows %d"
              .formatted(content.length, maxBytes));
    }
    List<String> names = RootFolder.names(args.getString("path"));
    if (names.size() > 1) {
      root.make(names.subList(0, names.size() - 1), temporary());
    }
    return root.at(names, (folder, name) -> write(folder, name, content));
  }

  private static byte[] content(JsonObject args) {
    String text = args.getString("content");
    if (!args.getString("encoding", "utf-8").equals("base64")) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw FilePathRefused.of("invalid_arguments", "'content' is no base64");
    }
  }

  private static String temporary() {
    return TEMPORARY + UUID.randomUUID();
  }

  private static JsonObject write(SecureDirectoryStream<Path> folder, Path name, byte[] content)
      throws IOException {
    boolean created = !RootFolder.exists(folder, name);
    if (!created && RootFolder.attributes(folder, name).isDirectory()) {
      throw FilePathRefused.of("not_a_file", "'path': it is a folder");
    }
    Path beside = Path.of(temporary());
    try {
      try (SeekableByteChannel file =
          folder.newByteChannel(
              beside,
              Set.of(
                  StandardOpenOption.CREATE_NEW,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS))) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          file.write(bytes);
        }
        if (file instanceof FileChannel channel) {
          channel.force(true);
        }
      }
      folder.move(beside, folder, name);
    } catch (IOException e) {
      try {
        folder.deleteFile(beside);
      } catch (NoSuchFileException gone) {
        // It was moved, or never made.
      }
      throw e;
    }
    return new JsonObject().put("bytes", content.length).put("created", created);
  }
}
