package io.muster.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FailureTest {
  @Test
  void codesAreUniqueAndFindTheirFailure() {
    assertThat(Arrays.stream(Failure.values()).map(Failure::code)).doesNotHaveDuplicates();
    for (Failure failure : Failure.values()) {
      assertThat(Failure.ofCode(failure.code())).isEqualTo(failure);
    }
  }

  @Test
  void unknownCodesAreInternal() {
    for (int code : new int[] {-1, 0, 63, 64, 4711}) {
      assertThat(Failure.ofCode(code)).isEqualTo(Failure.INTERNAL);
    }
  }

  @Test
  void theClientsOwnErrorsAreNeverTriedElsewhere() {
    for (Failure failure : Failure.values()) {
      // A model that one node has no more, another may still have.
      if (failure.httpStatus() < 500 && failure != Failure.MODEL_NOT_FOUND) {
        assertThat(failure.mayTryElsewhere()).as(failure.name()).isFalse();
      }
    }
  }

  @Test
  void aFaultIsFoundInWhateverWasThrown() {
    Fault fault = new Fault(Failure.PROVIDER_LIMITED, "later", 1500, "{\"a\":1}");
    assertThat(Fault.from(fault.asException())).isEqualTo(fault);
    assertThat(Fault.from(new IllegalStateException("why")))
        .isEqualTo(Fault.of(Failure.INTERNAL, "why"));
    assertThat(Fault.from(new StackOverflowError()).message()).isEqualTo("StackOverflowError");
  }
}
