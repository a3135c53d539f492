package io.muster.hub.history;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;

/** The figures of some time, of which the mean and the most are kept. */
final class Bucket {
  private static final MathContext DIGITS = new MathContext(4);

  private final Map<String, Summary> summaries = new LinkedHashMap<>();

  /** Of one figure; the most, since a peak would drown in a mean. */
  private static final class Summary {
    private double sum;
    private double most;
    private int count;
  }

  void add(Map<String, Double> figures) {
    figures.forEach((name, value) -> add(name, value, value));
  }

  void add(String name, double mean, double most) {
    Summary summary = summaries.computeIfAbsent(name, n -> new Summary());
    summary.sum += mean;
    summary.most = summary.count == 0 ? most : Math.max(summary.most, most);
    summary.count++;
  }

  boolean isEmpty() {
    return summaries.isEmpty();
  }

  /** {@code [mean, most]}, null where there is no such figure. */
  JsonArray point(String name) {
    Summary summary = summaries.get(name);
    return summary == null
        ? null
        : new JsonArray().add(rounded(summary.sum / summary.count)).add(rounded(summary.most));
  }

  /** {@code {"cpu":[mean,most],…}}. */
  String toJson() {
    JsonObject json = new JsonObject();
    summaries.keySet().forEach(name -> json.put(name, point(name)));
    return json.encode();
  }

  /** Takes in what {@link #toJson} made. */
  void addJson(String json) {
    for (Map.Entry<String, Object> each : new JsonObject(json)) {
      if (each.getValue() instanceof JsonArray point && point.size() == 2) {
        add(each.getKey(), point.getDouble(0), point.getDouble(1));
      }
    }
  }

  /** Four digits are more than a chart can show. */
  private static double rounded(double value) {
    return new BigDecimal(value).round(DIGITS).doubleValue();
  }
}
