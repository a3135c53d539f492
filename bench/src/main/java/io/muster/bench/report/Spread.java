package io.muster.bench.report;

import java.util.List;
import java.util.Locale;

/** The middle and the ends of one figure's values over the rounds; NaN where there are none. */
record Spread(double median, double min, double max) {

  static Spread of(List<Double> values) {
    List<Double> sorted = values.stream().filter(v -> !v.isNaN()).sorted().toList();
    if (sorted.isEmpty()) {
      return new Spread(Double.NaN, Double.NaN, Double.NaN);
    }
    int n = sorted.size();
    double median = (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
    return new Spread(median, sorted.get(0), sorted.get(n - 1));
  }

  /** As {@code 1 234 (1 200–1 250)}, or a dash. */
  @Override
  public String toString() {
    if (Double.isNaN(median)) {
      return "–";
    }
    String ends = min == max ? "" : " (" + number(min) + "–" + number(max) + ")";
    return number(median) + ends;
  }

  /** A number with as many digits as say something, thousands apart. */
  static String number(double value) {
    double size = Math.abs(value);
    String digits = size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, digits, value).replace(',', ' ');
  }
}
