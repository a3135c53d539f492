package io.muster.hub.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.quota.Refusal.What;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private static final Limits LIMITS = new Limits(30, 200_000, 3, 2);
  private static final Demand WHOLE = new Demand(1_000, false);
  private static final Demand STREAM = new Demand(1_000, true);

  private final Quota quota = Quota.fresh();
  private long now = Instant.parse("2026-11-21T13:00:00Z").toEpochMilli();

  private Refusal reserve(Limits limits, Demand demand) {
    quota.at(now);
    return quota.reserve(limits, demand);
  }

  @Test
  void aBurstMayTakeAllOfItsMinutesAtOnceAndNoMore() {
    for (int i = 0; i < 60; i++) {
      assertThat(reserve(LIMITS, new Demand(1, false))).isNull();
    }
    Refusal refusal = reserve(LIMITS, new Demand(1, false));
    assertThat(refusal.what()).isEqualTo(What.REQUESTS);
    assertThat(refusal.limit()).isEqualTo(60);
    assertThat(refusal.used()).isEqualTo(60);
    assertThat(refusal.retryAfterMs()).isBetween(120_000L, 121_000L);
    assertThat(refusal.message())
        .isEqualTo(
            "Request quota exceeded: 60 of 60 requests were made in the last 120 s; again in 2m1s.");

    now += refusal.retryAfterMs();
    assertThat(reserve(LIMITS, new Demand(1, false))).isNull();
  }

  @Test
  void withoutABurstAMinuteIsAMinute() {
    Limits strict = new Limits(2, Limits.NONE, Limits.NONE, 1);
    assertThat(reserve(strict, WHOLE)).isNull();
    now += 50_000;
    assertThat(reserve(strict, WHOLE)).isNull();
    now += 9_000;
    assertThat(reserve(strict, WHOLE).retryAfterMs()).isLessThanOrEqualTo(2_000);
    now += 2_000;
    assertThat(reserve(strict, WHOLE)).isNull();
  }

  @Test
  void tokensAreReservedThenCountedAsTheyWere() {
    Limits few = new Limits(Limits.NONE, 2_500, Limits.NONE, 1);
    assertThat(reserve(few, WHOLE)).isNull();
    assertThat(reserve(few, WHOLE)).isNull();
    Refusal held = reserve(few, WHOLE);
    assertThat(held.what()).isEqualTo(What.TOKENS);
    assertThat(held.used()).isEqualTo(2_000);
    assertThat(held.retryAfterMs()).isEqualTo(1_000);

    quota.settle(WHOLE, 100);
    assertThat(quota.tokens()).isEqualTo(100);
    assertThat(quota.heldTokens()).isEqualTo(1_000);
    assertThat(reserve(few, WHOLE)).isNull();
    quota.settle(WHOLE, 1_000);
    quota.settle(WHOLE, 1_000);
    Refusal spent = reserve(few, WHOLE);
    assertThat(spent.retryAfterMs()).isEqualTo(11 * 3_600_000L);
    assertThat(spent.message())
        .isEqualTo(
            "Daily token quota exceeded: 2100 of 2500 tokens are used or reserved, 1000 more were"
                + " asked for; again in 11h0m0s.");
    now += spent.retryAfterMs();
    assertThat(reserve(few, WHOLE)).isNull();
    assertThat(quota.tokens()).isZero();
  }

  @Test
  void whatIsLargerThanTheLimitIsToldSo() {
    Refusal refusal = reserve(new Limits(-1, 500, -1, 1), WHOLE);
    assertThat(refusal.retryAfterMs()).isZero();
    assertThat(refusal.message()).endsWith("this request alone asks for more.");
  }

  @Test
  void whatIsHeldOverMidnightCountsInTheNewDay() {
    Limits few = new Limits(-1, 1_500, -1, 1);
    assertThat(reserve(few, WHOLE)).isNull();
    now += Quota.DAY_MS;
    assertThat(reserve(few, WHOLE).what()).isEqualTo(What.TOKENS);
    quota.settle(WHOLE, 900);
    assertThat(quota.tokens()).isEqualTo(900);
  }

  @Test
  void streamsAreHeldUntilTheyEnd() {
    for (int i = 0; i < 3; i++) {
      assertThat(reserve(LIMITS, STREAM)).isNull();
    }
    Refusal refusal = reserve(LIMITS, STREAM);
    assertThat(refusal.what()).isEqualTo(What.STREAMS);
    assertThat(refusal.retryAfterMs()).isEqualTo(1_000);
    assertThat(reserve(LIMITS, WHOLE)).isNull();
    quota.giveBack(STREAM);
    assertThat(reserve(LIMITS, STREAM)).isNull();
  }

  @Test
  void tellsWhatIsLeft() {
    quota.at(now);
    quota.reserve(LIMITS, WHOLE);
    Standing standing = quota.standing(LIMITS);
    assertThat(standing.requestsLeft()).isEqualTo(59);
    assertThat(standing.requestsResetMs()).isBetween(120_000L, 121_000L);
    assertThat(standing.tokensLeft()).isEqualTo(199_000);
    assertThat(Spans.text(standing.tokensResetMs())).isEqualTo("11h0m0s");
  }

  @Test
  void timeNeverGoesBack() {
    quota.at(now);
    quota.at(now - 5_000);
    assertThat(quota.nowMs()).isEqualTo(now);
  }

  @Test
  void saysItInTheLogAsTheReferenceDoes() {
    assertThat(
            Warnings.line(
                Principal.node("worker-1"),
                new Refusal(What.TOKENS, 200_000, 199_000, 11_000, Quota.DAY_MS, 1),
                1))
        .isEqualTo("[Quota] node worker-1 exceeded maxTokensPerDay (210k > 200k)");
  }
}
