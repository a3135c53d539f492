package io.muster.worker.container;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EngineStreamTest {
  private final List<Throwable> ends = new ArrayList<>();
  private final AtomicInteger shut = new AtomicInteger();

  private final EngineStream<String> stream =
      new EngineStream<>() {
        @Override
        public void onNext(String item) {}

        @Override
        void ended(Throwable cause) {
          ends.add(cause);
        }
      };

  @Test
  void closedBeforeTheEngineAnsweredItIsShutWhenItDoes() {
    stream.close();
    stream.onStart(shut::incrementAndGet);
    assertThat(shut).hasValue(1);
  }

  @Test
  void closedLaterItIsShutOnce() {
    stream.onStart(shut::incrementAndGet);
    assertThat(shut).hasValue(0);
    stream.close();
    stream.close();
    assertThat(shut).hasValue(1);
  }

  @Test
  void itEndsOnce() {
    IOException gone = new IOException("gone");
    stream.onStart(shut::incrementAndGet);
    stream.onError(gone);
    stream.onError(new IOException("once more"));
    stream.onComplete();
    assertThat(ends).containsExactly(gone);
    assertThat(shut).hasValue(1);
  }
}
