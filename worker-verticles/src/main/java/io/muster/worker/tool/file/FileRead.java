package io.muster.worker.tool.file;

import io.muster.worker.tool.Schema;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** The content of a file, or a part of it. */
final class FileRead extends FileTool {
  private final RootFolder root;
  private final int maxBytes;

  FileRead(RootFolder root, int maxBytes, WorkerExecutor executor) {
    super(
        "file_read",
        "Reads a file, as text or as base64.",
        new Schema()
            .text("path", 1, 4_096, "The file, below the tools' folder.")
            .integer("offset", 0, Long.MAX_VALUE, "The byte to begin with, 0 by default.")
            .integer("max_bytes", 1, maxBytes, "How much to read.")
            .choice("encoding", "How the content is given.", List.of("utf-8", "base64"))
            .required("path")
            .build(),
        executor);
    this.root = root;
    this.maxBytes = maxBytes;
  }

  @Override
  JsonObject work(JsonObject args, AtomicBoolean over) throws IOException {
    long offset = args.getLong("offset", 0L);
    FileContent content =
        root.at(
            RootFolder.names(args.getString("path")),
            (folder, name) ->
                FileContent.read(folder, name, offset, args.getInteger("max_bytes", maxBytes)));
    JsonObject result =
        new JsonObject()
            .put("size", content.size())
            .put("offset", offset)
            .put("truncated", offset + content.bytes().length < content.size());
    if (args.getString("encoding", "utf-8").equals("base64")) {
      return result.put("base64", Base64.getEncoder().encodeToString(content.bytes()));
    }
    String text = content.looksBinary() ? null : content.text();
    if (text == null) {
      throw FilePathRefused.of(
          "not_text", "'path': the file is not UTF-8 text; ask with \"encoding\": \"base64\"");
    }
    return result.put("text", text);
  }
}
