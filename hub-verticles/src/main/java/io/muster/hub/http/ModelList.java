package io.muster.hub.http;

import io.muster.node.ModelInfo;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The fleet's models in the shape of OpenAI and of Anthropic at once. */
final class ModelList {
  private static final String PATH = "/v1/models/";

  private final ModelCatalogue catalogue;

  ModelList(ModelCatalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * All of them, or a page.
   *
   * @param query Anthropic's {@code limit} and {@code after_id}; OpenAI's clients send none
   */
  Buffer all(MultiMap query) {
    List<ModelInfo> models = catalogue.models();
    List<ModelInfo> page = page(models, query.get("after_id"), limit(query.get("limit")));
    List<Map<String, Object>> data = new ArrayList<>();
    page.forEach(model -> data.add(json(model)));
    Map<String, Object> list = new LinkedHashMap<>();
    list.put("object", "list");
    list.put("data", data);
    list.put(
        "has_more",
        !page.isEmpty() && models.indexOf(page.get(page.size() - 1)) < models.size() - 1);
    list.put("first_id", page.isEmpty() ? null : page.get(0).id());
    list.put("last_id", page.isEmpty() ? null : page.get(page.size() - 1).id());
    return Buffer.buffer(HttpJson.bytes(list));
  }

  /** One of them, null when nobody serves it. */
  Buffer one(String id) {
    for (ModelInfo model : catalogue.models()) {
      if (model.id().equals(id)) {
        return Buffer.buffer(HttpJson.bytes(json(model)));
      }
    }
    return null;
  }

  /** The id at the end of a request's path. */
  static String idIn(String path) {
    String encoded = path.substring(PATH.length());
    try {
      // A plus is a plus in a path.
      return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid("model", "The model's id in the path is not well encoded.")
          .asException();
    }
  }

  private static List<ModelInfo> page(List<ModelInfo> models, String afterId, int limit) {
    int from = 0;
    if (afterId != null) {
      for (int i = 0; i < models.size(); i++) {
        if (models.get(i).id().equals(afterId)) {
          from = i + 1;
        }
      }
    }
    return models.subList(from, Math.min(models.size(), from + Math.min(limit, models.size())));
  }

  private static int limit(String text) {
    if (text == null) {
      return Integer.MAX_VALUE;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1) {
        return limit;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ApiError.invalid("limit", "'limit' has to be an integer of at least 1.").asException();
  }

  private static Map<String, Object> json(ModelInfo model) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", model.id());
    json.put("object", "model");
    json.put("type", "model");
    json.put("created", model.created());
    json.put("created_at", Instant.ofEpochSecond(model.created()).toString());
    json.put("display_name", model.id());
    json.put("owned_by", model.ownedBy() == null ? model.provider() : model.ownedBy());
    if (model.contextTokens() > 0) {
      json.put("context_length", model.contextTokens());
    }
    return json;
  }
}
