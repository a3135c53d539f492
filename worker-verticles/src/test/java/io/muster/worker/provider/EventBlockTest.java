package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EventBlockTest {
  private final EventBlock block = new EventBlock();

  @Test
  void copiesNothingOfAWholeChunk() {
    byte[] chunk = "data: 1\n\ndata: 2\n\n".getBytes(UTF_8);
    block.addFrame(chunk, 0, 9);
    block.addFrame(chunk, 9, 18);
    assertThat(block.count()).isEqualTo(2);
    assertThat(block.take()).isSameAs(chunk);
    assertThat(block.count()).isZero();
  }

  @Test
  void cutsOutAPart() {
    byte[] chunk = "data: 1\n\ndata: 2\n\ndata: 3\n\n".getBytes(UTF_8);
    block.addFrame(chunk, 9, 18);
    assertThat(take()).isEqualTo("data: 2\n\n");
    block.addFrame(chunk, 0, 9);
    block.addFrame(chunk, 18, 27);
    assertThat(take()).isEqualTo("data: 1\n\ndata: 3\n\n");
    assertThat(new String(chunk, UTF_8)).isEqualTo("data: 1\n\ndata: 2\n\ndata: 3\n\n");
  }

  @Test
  void joinsAllKinds() {
    byte[] one = "data: 1\n\n".getBytes(UTF_8);
    byte[] raw = "{\"a\":\n\"b\"}".getBytes(UTF_8);
    for (int round = 0; round < 3; round++) {
      block.addData(raw, 0, raw.length);
      block.addFrame(one, 0, 9);
      block.addData(raw, 0, raw.length);
      block.addFrame(one, 0, 9);
      String event = "data: {\"a\": \"b\"}\n\ndata: 1\n\n";
      assertThat(block.count()).isEqualTo(4);
      assertThat(take()).isEqualTo(event + event);
      block.addFrame(one, 0, 9);
      block.addData(raw, 0, raw.length);
      assertThat(take()).isEqualTo("data: 1\n\ndata: {\"a\": \"b\"}\n\n");
    }
    assertThat(new String(one, UTF_8)).isEqualTo("data: 1\n\n");
    assertThat(new String(raw, UTF_8)).isEqualTo("{\"a\":\n\"b\"}");
  }

  @Test
  void grows() {
    byte[] frame = ("data: " + "x".repeat(700) + "\n\n").getBytes(UTF_8);
    for (int i = 0; i < 100; i++) {
      block.addFrame(frame, 0, frame.length);
    }
    assertThat(take()).isEqualTo(new String(frame, UTF_8).repeat(100));
  }

  private String take() {
    return new String(block.take(), UTF_8);
  }
}
