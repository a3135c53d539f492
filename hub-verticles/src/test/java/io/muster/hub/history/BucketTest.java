package io.muster.hub.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BucketTest {
  @ParameterizedTest
  @CsvSource({
    "0,0",
    "0.123456,0.1235",
    "0.99999,1.0",
    "1,1",
    "12.3456,12.35",
    "1234.5,1235",
    "123456789,123500000",
    "0.000012345678,0.00001235",
    "-3.14159,-3.142",
    "17179869184,17180000000",
  })
  void figuresHaveFourDigits(double value, double rounded) {
    assertThat(Bucket.rounded(value)).isEqualTo(rounded);
  }

  @Test
  void whatWasWrittenOutIsTakenInAgain() {
    Bucket bucket = new Bucket();
    bucket.add(Map.of("cpu", .25, "load", 1.));
    bucket.add(Map.of("cpu", .75));

    Bucket read = new Bucket();
    read.addJson(bucket.toJson(), Set.of("cpu"));
    assertThat(read.point("cpu")).isEqualTo(new JsonArray().add(.5).add(.75));
    assertThat(read.point("load")).isNull();
    read.add(bucket.copy(), Set.of("cpu", "load", "gpu"));
    assertThat(read.point("load")).isEqualTo(new JsonArray().add(1.).add(1.));
  }
}
