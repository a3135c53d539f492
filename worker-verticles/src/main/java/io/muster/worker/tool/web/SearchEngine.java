package io.muster.worker.tool.web;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jsoup.Jsoup;

/** Where searches go, and how their answers are read. */
sealed interface SearchEngine {
  /** For {@code /info}. */
  String name();

  URI url(String query, int count, int page);

  Map<String, String> headers();

  /** {@code title}, {@code url} and {@code snippet} of each, in their order. */
  JsonArray results(JsonObject answer);

  private static JsonObject result(JsonObject found, String snippet) {
    return new JsonObject()
        .put("title", plain(found.getValue("title")))
        .put("url", found.getValue("url"))
        .put("snippet", plain(found.getValue(snippet)));
  }

  /** Engines mark the words that they found. */
  private static String plain(Object html) {
    return html instanceof String text ? Jsoup.parse(text).text() : "";
  }

  private static JsonArray all(JsonArray found, String snippet) {
    JsonArray results = new JsonArray();
    if (found != null) {
      for (Object each : found) {
        if (each instanceof JsonObject one && one.getValue("url") instanceof String) {
          results.add(result(one, snippet));
        }
      }
    }
    return results;
  }

  private static String query(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /**
   * SearXNG's {@code /search?format=json}.
   *
   * @param base without a slash at its end
   */
  record SearXng(String base) implements SearchEngine {
    @Override
    public String name() {
      return "searxng";
    }

    @Override
    public URI url(String query, int count, int page) {
      return URI.create(base + "/search?q=" + query(query) + "&format=json&pageno=" + page);
    }

    @Override
    public Map<String, String> headers() {
      return Map.of("accept", "application/json");
    }

    @Override
    public JsonArray results(JsonObject answer) {
      return all(answer.getJsonArray("results"), "content");
    }
  }

  /** Brave's search API. */
  record Brave(String base, String key) implements SearchEngine {
    @Override
    public String name() {
      return "brave";
    }

    @Override
    public URI url(String query, int count, int page) {
      return URI.create(base + "?q=" + query(query) + "&count=" + count + "&offset=" + (page - 1));
    }

    @Override
    public Map<String, String> headers() {
      return Map.of("accept", "application/json", "x-subscription-token", key);
    }

    @Override
    public JsonArray results(JsonObject answer) {
      JsonObject web = answer.getJsonObject("web");
      return all(web == null ? null : web.getJsonArray("results"), "description");
    }

    @Override
    public String toString() {
      return "Brave[" + base + "]";
    }
  }
}
