package io.muster.worker.tool.file;

import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.CheckedTool;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A tool that works on files, off the event loop. */
abstract class FileTool extends CheckedTool {
  private final WorkerExecutor executor;

  FileTool(String name, String description, JsonObject schema, WorkerExecutor executor) {
    super(name, description, schema);
    this.executor = executor;
  }

  @Override
  protected final Future<Object> checked(JsonObject args, ToolContext context) {
    AtomicBoolean over = new AtomicBoolean();
    context.whenOver(() -> over.set(true));
    return executor.executeBlocking(
        () -> {
          if (over.get()) {
            throw FilePathRefused.of("cancelled", "nobody wants it any more");
          }
          try {
            return work(args, over);
          } catch (IOException e) {
            throw said(e);
          } catch (DirectoryIteratorException e) {
            throw said(e.getCause());
          }
        },
        false);
  }

  /**
   * Does it; blocks.
   *
   * @param over whether nobody wants the result any more
   */
  abstract JsonObject work(JsonObject args, AtomicBoolean over) throws IOException;

  /** What the system says, without the path of the root. */
  private static ToolException said(IOException e) {
    if (e instanceof NoSuchFileException) {
      return FilePathRefused.of("not_found", "'path': there is no such file or folder");
    }
    if (e instanceof AccessDeniedException) {
      return FilePathRefused.of("denied", "'path': the node may not do that there");
    }
    if (e instanceof NotDirectoryException) {
      return FilePathRefused.of("not_a_folder", "'path': a part of it is no folder");
    }
    if (e instanceof FileAlreadyExistsException || e instanceof DirectoryNotEmptyException) {
      return FilePathRefused.of("exists", "'path': a folder is there already");
    }
    String why = e.getMessage() == null ? "" : e.getMessage();
    if (why.contains("symbolic links")) {
      return FilePathRefused.escape("it leads over a symbolic link, which is not followed");
    }
    if (why.endsWith("Read-only file system")) {
      // As an installed worker sees all folders but its own.
      return FilePathRefused.of("read_only", "the file system is read-only");
    }
    return FilePathRefused.of(
        "file_failed", why.contains("space") ? "the disk is full" : "the file system refused it");
  }
}
