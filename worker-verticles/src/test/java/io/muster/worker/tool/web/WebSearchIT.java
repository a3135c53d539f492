package io.muster.worker.tool.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.worker.task.Tool;
import io.muster.worker.tool.TestRun;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Searches at a stand-in that answers in the documented formats of SearXNG and of Brave's API. */
class WebSearchIT {
  private static final WebOptions OPTIONS = new WebOptions(10_000, 100_000, 2_000, 3);

  private final Vertx vertx = Vertx.vertx();
  private final Web web = new Web(vertx, Web.options(), "test");
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void listen() {
    server =
        TestRun.await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
  }

  @AfterEach
  void close() {
    TestRun.await(vertx.close());
  }

  private void answer(HttpServerRequest request) {
    seen.add(request.uri() + " " + request.getHeader("x-subscription-token"));
    switch (request.path()) {
      case "/search" ->
          request
              .response()
              .end(
                  new JsonObject()
                      .put("query", request.getParam("q"))
                      .put("number_of_results", 2)
                      .put(
                          "results",
                          new JsonArray()
                              .add(found("A", "https://a.example/", "content"))
                              .add(found("B", "https://b.example/", "content")))
                      .put("suggestions", new JsonArray())
                      .encode());
      case "/brave" ->
          request
              .response()
              .end(
                  new JsonObject()
                      .put("type", "search")
                      .put(
                          "web",
                          new JsonObject()
                              .put("type", "search")
                              .put(
                                  "results",
                                  new JsonArray()
                                      .add(found("A", "https://a.example/", "description"))))
                      .encode());
      case "/html/search" -> request.response().end("<html>format json is off</html>");
      default -> request.response().setStatusCode(429).end();
    }
  }

  private static JsonObject found(String title, String url, String snippet) {
    return new JsonObject()
        .put("title", title + " &amp; more")
        .put("url", url)
        .put(snippet, "the <strong>words</strong>");
  }

  private String base() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  private Tool search(SearchEngine engine) {
    return new WebSearch(web, engine, OPTIONS);
  }

  @Test
  void asksSearXng() {
    JsonObject found =
        TestRun.of(
            search(new SearchEngine.SearXng(base())),
            new JsonObject().put("query", "one & two").put("count", 1));

    assertThat(seen).containsExactly("/search?q=one+%26+two&format=json&pageno=1 null");
    assertThat(found.encode())
        .isEqualTo(
            "{\"results\":[{\"title\":\"A & more\",\"url\":\"https://a.example/\","
                + "\"snippet\":\"the words\"}]}");
  }

  @Test
  void asksBraveWithItsKey() {
    JsonObject found =
        TestRun.of(
            search(new SearchEngine.Brave(base() + "/brave", "key-1")),
            new JsonObject().put("query", "x").put("page", 2));

    assertThat(seen).containsExactly("/brave?q=x&count=5&offset=1 key-1");
    assertThat(found.getJsonArray("results")).hasSize(1);
    assertThat(new SearchEngine.Brave("b", "key-1").toString()).doesNotContain("key-1");
  }

  @Test
  void saysWhyThereAreNoResults() {
    assertThat(
            TestRun.refusal(
                search(new SearchEngine.SearXng(base() + "/html")),
                new JsonObject().put("query", "x")))
        .satisfies(error -> assertThat(error.retryable()).isFalse())
        .satisfies(error -> assertThat(error.message()).contains("not the JSON"));
    assertThat(
            TestRun.refusal(
                search(new SearchEngine.SearXng(base() + "/busy")),
                new JsonObject().put("query", "x")))
        .satisfies(error -> assertThat(error.retryable()).isTrue())
        .satisfies(error -> assertThat(error.message()).contains("429"));
    assertThat(
            TestRun.refusal(
                    search(new SearchEngine.SearXng(base())), new JsonObject().put("query", ""))
                .message())
        .contains("'query'");
  }
}
