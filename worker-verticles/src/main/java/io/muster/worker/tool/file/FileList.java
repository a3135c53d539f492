package io.muster.worker.tool.file;

import io.muster.worker.tool.Schema;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** What is in a folder. */
final class FileList extends FileTool {
  private final RootFolder root;
  private final int maxEntries;

  FileList(RootFolder root, int maxEntries, WorkerExecutor executor) {
    super(
        "file_list",
        "Lists a folder: names, kinds, sizes and times of change.",
        new Schema()
            .text(
                "path",
                0,
                4_096,
                "The folder, below the tools' one; that one itself" + " when not given.")
            .build(),
        executor);
    this.root = root;
    this.maxEntries = maxEntries;
  }

  @Override
  JsonObject work(JsonObject args, AtomicBoolean over) throws IOException {
    return root.in(RootFolder.names(args.getString("path", "")), folder -> list(folder, over));
  }

  private JsonObject list(SecureDirectoryStream<Path> folder, AtomicBoolean over) {
    Map<String, JsonObject> byName = new TreeMap<>(Comparator.naturalOrder());
    boolean more = false;
    for (Path entry : folder) {
      if (over.get() || byName.size() == maxEntries) {
        more = true;
        break;
      }
      Path name = entry.getFileName();
      try {
        byName.put(name.toString(), entry(name.toString(), RootFolder.attributes(folder, name)));
      } catch (NoSuchFileException e) {
        // Gone meanwhile.
      } catch (IOException e) {
        byName.put(name.toString(), new JsonObject().put("name", name.toString()));
      }
    }
    return new JsonObject()
        .put("entries", new JsonArray(java.util.List.copyOf(byName.values())))
        .put("truncated", more);
  }

  private static JsonObject entry(String name, BasicFileAttributes attributes) {
    String type =
        attributes.isDirectory()
            ? "folder"
            : attributes.isRegularFile() ? "file" : attributes.isSymbolicLink() ? "link" : "other";
    return new JsonObject()
        .put("name", name)
        .put("type", type)
        .put("size", attributes.isRegularFile() ? attributes.size() : null)
        .put("modified", attributes.lastModifiedTime().toInstant().toString());
  }
}
