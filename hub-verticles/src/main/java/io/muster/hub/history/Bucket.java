package io.muster.hub.history;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The figures of some time, of which the mean and the most are kept. */
final class Bucket {
  private static final int DIGITS = 4;

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

  /** Takes in another's figures, those that are wanted. */
  void add(Bucket other, Set<String> wanted) {
    for (String name : wanted) {
      Summary summary = other.summaries.get(name);
      if (summary != null) {
        add(name, summary.sum / summary.count, summary.most);
      }
    }
  }

  /** Takes in what {@link #toJson} made, of the figures that are wanted. */
  void addJson(String json, Set<String> wanted) {
    JsonObject figures = new JsonObject(json);
    for (String name : wanted) {
      if (figures.getValue(name) instanceof JsonArray point && point.size() == 2) {
        add(name, point.getDouble(0), point.getDouble(1));
      }
    }
  }

  Bucket copy() {
    Bucket copy = new Bucket();
    copy.add(this, summaries.keySet());
    return copy;
  }

  /** Four digits are more than a chart can show. */
  static double rounded(double value) {
    if (value == 0 || !Double.isFinite(value)) {
      return value;
    }
    int digits = DIGITS - 1 - (int) Math.floor(Math.log10(Math.abs(value)));
    double scale = Math.pow(10, Math.abs(digits));
    // Either way with a whole number, which a power of ten below 1 is not.
    return digits >= 0 ? Math.round(value * scale) / scale : Math.round(value / scale) * scale;
  }
}
