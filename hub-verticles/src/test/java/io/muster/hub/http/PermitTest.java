package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobListener;
import io.muster.hub.quota.Demand;
import io.muster.hub.quota.Hold;
import io.muster.hub.quota.Limits;
import io.muster.hub.quota.Principal;
import io.muster.hub.quota.QuotaGate;
import io.muster.hub.quota.Standing;
import io.muster.job.Frame;
import io.muster.job.Job;
import io.muster.job.Usage;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a request that takes several jobs takes of its caller's quota. */
class PermitTest {
  private final List<Demand> reserved = new ArrayList<>();
  private final List<Long> settled = new ArrayList<>();
  private boolean full;
  private final Admission admission = new Admission(List.of(), 2, 2, new Gate());

  private final class Gate implements QuotaGate {
    @Override
    public Limits limits(Principal principal) {
      return new Limits(10, 10_000, 1, 1);
    }

    @Override
    public Future<Hold> reserve(
        Principal principal, Limits limits, Demand demand, String requestId) {
      if (full) {
        return Future.failedFuture("full");
      }
      reserved.add(demand);
      return Future.succeededFuture(
          new Hold() {
            @Override
            public Standing standing() {
              return null;
            }

            @Override
            public void settle(long tokens) {
              settled.add(tokens);
            }

            @Override
            public void whenLost(Runnable action) {
              // Never.
            }
          });
    }

    @Override
    public long answerTokens() {
      return 100;
    }
  }

  private static Job job() {
    return new Job(
        "j",
        "r",
        Job.Kind.CHAT,
        "m",
        true,
        "a",
        5,
        1_000,
        "{\"messages\":[{\"role\":\"user\",\"content\":\"12345678\"}]}"
            .getBytes(StandardCharsets.UTF_8));
  }

  private static final JobListener NOBODY =
      new JobListener() {
        @Override
        public void started(String nodeId) {}

        @Override
        public void delta(Frame.Delta delta) {}

        @Override
        public void done(Frame.Done done) {}

        @Override
        public void failed(Fault fault, boolean begun) {}
      };

  private static void answer(JobListener listener, int prompt, int completion) {
    listener.started("w1");
    listener.done(new Frame.Done(1, 0, "stop", new Usage(prompt, completion, false), null));
  }

  @Test
  void eachJobIsReservedAndSettledByWhatItTook() {
    Permit permit = admission.admit(Caller.ANYONE, job()).result();
    answer(permit.metering(NOBODY), 7, 3);
    answer(permit.another(job()).result().apply(NOBODY), 20, 5);

    assertThat(reserved).extracting(Demand::stream).containsExactly(true, false);
    assertThat(reserved.get(1).tokens()).isEqualTo(reserved.get(0).tokens());
    assertThat(settled).isEmpty();
    permit.release();
    permit.release();
    assertThat(settled).containsExactly(10L, 25L);
  }

  @Test
  void aRefusedJobTakesNothing() {
    Permit permit = admission.admit(Caller.ANYONE, job()).result();
    full = true;

    assertThat(permit.another(job()).failed()).isTrue();
    permit.release();
    assertThat(settled).containsExactly(0L);
  }

  @Test
  void whatIsReservedAfterTheRequestEndedIsGivenBack() {
    Permit permit = admission.admit(Caller.ANYONE, job()).result();
    permit.release();

    assertThat(permit.another(job()).succeeded()).isTrue();
    assertThat(settled).containsExactly(0L, 0L);
  }
}
