package io.muster.bench.report;

import java.util.ArrayList;
import java.util.List;

/**
 * What Muster owes in this benchmark, and whether it is met.
 *
 * @param what the promise
 * @param seen the figure found
 * @param met whether its median keeps the promise; null where it could not be measured
 */
record Owed(String what, String seen, Boolean met) {
  private static final double OF_NGINX = 0.40;
  private static final double OF_PORTKEY = 10;
  private static final double ADDED_P50_MICROS = 300;
  private static final double ADDED_FIRST_TOKEN_MICROS = 1000;

  static List<Owed> of(Measurements all) {
    List<Owed> owed = new ArrayList<>();
    owed.add(ratio(all, "nginx", Figure.RATE_FEW, "requests/s at 16 connections", OF_NGINX));
    owed.add(ratio(all, "nginx", Figure.STREAM_RATE, "streams/s", OF_NGINX));
    owed.add(ratio(all, "portkey", Figure.RATE_FEW, "requests/s at 16 connections", OF_PORTKEY));
    owed.add(ratio(all, "portkey", Figure.STREAM_RATE, "streams/s", OF_PORTKEY));
    owed.add(
        below(
            "added p50 at 1 connection under 0.3 ms",
            all.spread("muster", Figure.ADDED_P50_ONE),
            ADDED_P50_MICROS));
    owed.add(
        new Owed(
            "all of 512 paced streams clean",
            all.pacedClean("muster") + " of " + all.pacedAsked("muster") + " in all passes",
            all.pacedAsked("muster") == 0
                ? null
                : (Boolean) (all.pacedClean("muster") == all.pacedAsked("muster"))));
    owed.add(
        below(
            "added first token at p50 under 1 ms, 512 paced streams",
            all.spread("muster", Figure.ADDED_FIRST_P50),
            ADDED_FIRST_TOKEN_MICROS));
    return owed;
  }

  private static Owed ratio(
      Measurements all, String other, Figure figure, String name, double least) {
    Spread ratio = all.ratio("muster", other, figure);
    return new Owed(
        name + ": at least " + Spread.number(least) + " of " + other,
        ratio.toString(),
        Double.isNaN(ratio.median()) ? null : (Boolean) (ratio.median() >= least));
  }

  private static Owed below(String what, Spread micros, double limit) {
    return new Owed(
        what,
        Double.isNaN(micros.median()) ? "–" : micros + " µs",
        Double.isNaN(micros.median()) ? null : (Boolean) (micros.median() < limit));
  }

  String verdict() {
    return met == null ? "not measured" : met ? "met" : "**not met**";
  }
}
