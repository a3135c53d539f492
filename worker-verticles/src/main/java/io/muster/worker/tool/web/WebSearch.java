package io.muster.worker.tool.web;

import io.muster.task.TaskError;
import io.muster.worker.task.ToolException;
import io.muster.worker.tool.Schema;
import io.vertx.core.Future;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Searches the web by an engine that the node's owner has chosen. */
final class WebSearch extends WebTool {
  private static final int LONGEST_QUERY = 400;
  private static final int MOST = 20;
  private static final int USUAL = 5;
  private static final int MOST_PAGES = 10;

  private final Web web;
  private final SearchEngine engine;
  private final int maxBytes;

  WebSearch(Web web, SearchEngine engine, WebOptions options) {
    super(
        "web_search",
        "Searches the web and gives titles, addresses and snippets of what it found.",
        new Schema()
            .text("query", 1, LONGEST_QUERY, "What to search for.")
            .integer("count", 1, MOST, "How many results are wanted, 5 by default.")
            .integer("page", 1, MOST_PAGES, "Which page of results, 1 by default.")
            .required("query")
            .build(),
        options.timeoutMs());
    this.web = web;
    this.engine = engine;
    this.maxBytes = options.maxBytes();
  }

  @Override
  Future<Object> ask(JsonObject args, long leftMs, Web.Running running) {
    int count = args.getInteger("count", USUAL);
    return web.get(
            engine.url(args.getString("query"), count, args.getInteger("page", 1)),
            null,
            engine.headers(),
            maxBytes,
            leftMs,
            running)
        .<Object>map(answer -> results(answer, count));
  }

  private JsonObject results(Web.Answer answer, int count) {
    if (answer.status() != 200) {
      boolean later = answer.status() == 429 || answer.status() >= 500;
      String message = "the search engine answered " + answer.status();
      throw new ToolException(
          later
              ? TaskError.of("search_failed", message)
              : TaskError.lasting("search_failed", message));
    }
    try {
      JsonArray all = engine.results(new JsonObject(answer.body()));
      JsonArray wanted = new JsonArray();
      for (int i = 0; i < Math.min(count, all.size()); i++) {
        wanted.add(all.getValue(i));
      }
      return new JsonObject().put("results", wanted);
    } catch (DecodeException | ClassCastException e) {
      throw new ToolException(
          TaskError.lasting(
              "search_failed", "the search engine's answer is not the JSON that it documents"));
    }
  }
}
