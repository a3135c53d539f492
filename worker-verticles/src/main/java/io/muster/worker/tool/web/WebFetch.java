package io.muster.worker.tool.web;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.Schema;
import io.vertx.core.Future;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.json.JsonObject;

/** Reads a page of the public web. */
final class WebFetch extends WebTool {
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
            .build(),
        options.timeoutMs());
    this.pages = pages;
    this.options = options;
    this.readers = readers;
  }

  @Override
  Future<Object> ask(JsonObject args, long leftMs, Web.Running running) {
    int maxChars = args.getInteger("max_chars", options.maxChars());
    return pages.read(args.getString("url"), leftMs, running).compose(page -> text(page, maxChars));
  }

  private Future<Object> text(PublicPages.Page page, int maxChars) {
    String type = page.answer().headers().get("content-type");
    String packed = page.answer().headers().get("content-encoding");
    if (packed != null && !packed.strip().equalsIgnoreCase("identity")) {
      return Future.failedFuture(
          new ToolException(
              TaskError.lasting(
                  "unreadable_type", "the server packs the page though it was asked not to")));
    }
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
        .put("text", beginning(read.text(), maxChars))
        .put("truncated", longer || page.answer().cut());
  }
}
