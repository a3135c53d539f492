package io.muster.worker.tool.file;

import io.muster.worker.task.ToolException;
import io.muster.worker.tool.Schema;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** Files by their names, and lines by what is in them. */
final class FileSearch extends FileTool {
  private static final int DEEPEST = 64;
  private static final int MOST_FILES = 100_000;
  private static final int LONGEST_LINE = 300;

  private final RootFolder root;
  private final int maxBytes;
  private final int maxMatches;

  FileSearch(RootFolder root, int maxBytes, int maxMatches, WorkerExecutor executor) {
    super(
        "file_search",
        "Finds files below a folder by their names, or lines in them by a text.",
        new Schema()
            .text("path", 0, 4_096, "The folder, below the tools' one; all of it by default.")
            .text("name", 1, 255, "The files' names, with * and ? as wildcards; all by default.")
            .text("text", 1, 1_000, "What the lines hold; without it files are listed.")
            .flag("ignore_case", "Whether upper and lower case are the same for the text.")
            .build(),
        executor);
    this.root = root;
    this.maxBytes = maxBytes;
    this.maxMatches = maxMatches;
  }

  @Override
  JsonObject work(JsonObject args, AtomicBoolean over) throws IOException {
    List<String> names = RootFolder.names(args.getString("path", ""));
    Search search = new Search(args, over);
    root.in(
        names,
        folder -> {
          search.in(folder, String.join("/", names), 0);
          return null;
        });
    return new JsonObject()
        .put("matches", search.matches)
        .put("files", search.files)
        .put("truncated", search.full);
  }

  /** One search. */
  private final class Search {
    private final AtomicBoolean over;
    private final Wildcard name;
    private final String text;
    private final boolean ignoreCase;
    private final JsonArray matches = new JsonArray();
    private int files;
    private boolean full;

    Search(JsonObject args, AtomicBoolean over) {
      this.over = over;
      this.name = new Wildcard(args.getString("name", "*"));
      this.ignoreCase = args.getBoolean("ignore_case", false);
      String wanted = args.getString("text");
      this.text = wanted == null ? null : folded(wanted);
    }

    private String folded(String line) {
      return ignoreCase ? line.toLowerCase(Locale.ROOT) : line;
    }

    void in(SecureDirectoryStream<Path> folder, String path, int depth) {
      List<Path> folders = new ArrayList<>();
      for (Path entry : folder) {
        if (isOver()) {
          return;
        }
        Path file = entry.getFileName();
        try {
          BasicFileAttributes attributes = RootFolder.attributes(folder, file);
          if (attributes.isDirectory()) {
            folders.add(file);
          } else if (attributes.isRegularFile() && name.matches(file.toString())) {
            files++;
            look(folder, file, path.isEmpty() ? file.toString() : path + "/" + file);
          }
        } catch (IOException | ToolException e) {
          // Gone meanwhile, something else now, or not for us.
        }
      }
      for (Path next : folders) {
        if (isOver() || depth == DEEPEST) {
          full = true;
          return;
        }
        try (SecureDirectoryStream<Path> inner = RootFolder.open(folder, next)) {
          in(inner, path.isEmpty() ? next.toString() : path + "/" + next, depth + 1);
        } catch (IOException | ToolException e) {
          // Gone meanwhile, a link now, or not for us.
        }
      }
    }

    private boolean isOver() {
      full = full || over.get() || matches.size() >= maxMatches || files >= MOST_FILES;
      return full;
    }

    private void look(SecureDirectoryStream<Path> folder, Path file, String path)
        throws IOException {
      if (text == null) {
        matches.add(new JsonObject().put("path", path));
        return;
      }
      FileContent content = FileContent.read(folder, file, 0, maxBytes);
      String read = content.looksBinary() ? null : content.text();
      if (read == null) {
        return;
      }
      int number = 0;
      for (String line : read.split("\n", -1)) {
        number++;
        if (folded(line).contains(text)) {
          if (matches.size() >= maxMatches) {
            full = true;
            return;
          }
          matches.add(
              new JsonObject()
                  .put("path", path)
                  .put("line", number)
                  .put("text", beginning(line, LONGEST_LINE)));
        }
      }
    }
  }
}
