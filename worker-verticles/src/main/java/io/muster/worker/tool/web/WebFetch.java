package io.muster.worker.tool.web;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolContext;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.CheckedTool;
import io.muster.worker.tool.Schema;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeoutException;

/** Reads a page of the public web. */
final class WebFetch extends CheckedTool {
  private static final int LONGEST_URL = 4_096;
  private static final int MOST_CHARS = 1_000_000;

  private final PublicPages pages;
  private final WebOptions options;
  private final WorkerExecutor readers;

  WebFetch(PublicPages pages, WebOptions options, WorkerExecutor readers) {
    super(
        "web_fetch",
        "Reads a page of the public web and gives its text.",
        new Schema()
            .text("url", 8, LONGEST_URL, "The page's address, with http:// or https://.")
            .integer("max_chars", 100, MOST_CHARS, "How much of the text is wanted.")
            .required("url")
            .build());
    this.pages = pages;
    this.options = options;
    this.readers = readers;
  }

  @Override
  protected Future<Object> checked(JsonObject args, ToolContext context) {
    Web.Running running = new Web.Running();
    context.whenOver(running::stop);
    int maxChars = args.getInteger("max_chars", options.maxChars());
    return pages
        .read(args.getString("url"), Math.min(options.timeoutMs(), context.leftMs()), running)
        .compose(page -> text(page, maxChars))
        .recover(cause -> Future.failedFuture(failure(cause)));
  }

  private Future<Object> text(PublicPages.Page page, int maxChars) {
    String type = page.answer().headers().get("content-type");
    if (!PageText.isReadable(type)) {
      return Future.failedFuture(
          new ToolException(
              TaskError.lasting(
                  "unreadable_type",
                  "the page is " + PageText.mediaType(type) + ", which has no text to read")));
    }
    return readers.executeBlocking(() -> result(page, type, maxChars), false);
  }

  private static JsonObject result(PublicPages.Page page, String type, int maxChars) {
    PageText read = PageText.of(page.answer().body(), type, page.url().toString());
    boolean longer = read.text().length() > maxChars;
    return new JsonObject()
        .put("url", page.url().toString())
        .put("status", page.answer().status())
        .put("content_type", PageText.mediaType(type))
        .put("title", read.title())
        .put("text", longer ? read.text().substring(0, maxChars) : read.text())
        .put("truncated", longer || page.answer().cut());
  }

  static Throwable failure(Throwable cause) {
    if (cause instanceof ToolException) {
      return cause;
    }
    if (cause instanceof TimeoutException) {
      return new ToolException(TaskError.of("timeout", "the server did not answer in time"));
    }
    String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return new ToolException(
        TaskError.of("fetch_failed", "the page could not be read: " + why.replaceAll("\\s+", " ")));
  }
}
