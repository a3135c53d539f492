package io.muster.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bench.load.LoadResult;
import io.muster.bench.load.Times;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwedTest {
  private final Measurements all = new Measurements();

  @Test
  void nothingMeasuredIsNothingMet() {
    assertThat(Owed.of(all)).extracting(Owed::verdict).containsOnly("not measured");
  }

  @Test
  void comparesRoundByRound() {
    for (double slower : List.of(1.0, 0.5, 0.9)) {
      all.add("nginx", Figure.RATE_FEW, 40_000 * slower);
      all.add("muster", Figure.RATE_FEW, 20_000 * slower);
    }

    assertThat(Owed.of(all).get(0)).extracting(Owed::seen, Owed::verdict).contains("0.50", "met");
  }

  @Test
  void oneUncleanStreamIsOneTooMany() {
    Times none = new Times();
    LoadResult result =
        new LoadResult(511, Map.of("unclean", 1L), "63 of 64", 1, none, none, none, 512);
    all.countPaced("muster", result, 512);
    all.add("muster", Figure.ADDED_FIRST_P50, 1200);

    assertThat(Owed.of(all))
        .filteredOn(owed -> owed.met() != null)
        .extracting(Owed::verdict)
        .containsExactly("**not met**", "**not met**");
  }
}
