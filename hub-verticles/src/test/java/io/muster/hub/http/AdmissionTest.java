package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final Admission admission = new Admission(List.of(), 2, 1);

  @Test
  void letsInAsManyAsItMay() {
    Permit stream = admission.place(Caller.ANYONE, true).result();
    assertThat(failure(admission.place(Caller.ANYONE, true))).isEqualTo(Failure.NO_CAPACITY);
    Permit whole = admission.place(Caller.ANYONE, false).result();
    assertThat(failure(admission.place(Caller.ANYONE, false))).isEqualTo(Failure.NO_CAPACITY);
    assertThat(admission.inFlight()).isEqualTo(2);

    stream.release();
    assertThat(admission.streams()).isZero();
    assertThat(admission.place(Caller.ANYONE, true).succeeded()).isTrue();
    whole.release();
    assertThat(admission.inFlight()).isEqualTo(1);
  }

  @Test
  void takesAPlaceBackOnce() {
    Permit permit = admission.place(Caller.ANYONE, true).result();
    permit.release();
    permit.release();
    assertThat(admission.inFlight()).isZero();
    assertThat(admission.streams()).isZero();
  }

  private static Failure failure(Future<?> refused) {
    return ((FaultException) refused.cause()).fault().failure();
  }
}
