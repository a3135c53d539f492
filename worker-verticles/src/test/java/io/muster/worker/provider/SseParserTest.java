package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.FaultException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
  private static final String SAMPLE =
      "\uFEFF: hello\r\ndata: {\"a\":1}\r\n\r\nevent: x\nid: 7\ndata:{\"b\":\"\u4f60\u597d\"}\n\n"
          + "data: one\ndata: two\rdata:\r\r\n"
          + "retry: 5\n\ndata\n\n: ping\n\ndata: \t tab\n\ndatum: no\n\ndata: [DONE]\n\n";

  private static final List<String> EVENTS =
      List.of("{\"a\":1}", "{\"b\":\"\u4f60\u597d\"}", "one\ntwo\n", "", "\t tab", "[DONE]");

  @Test
  void readsTheWholeSampleAtOnce() {
    assertThat(parse(SAMPLE.getBytes(UTF_8))).isEqualTo(EVENTS);
  }

  @Test
  void readsItCutAtEveryPoint() {
    byte[] bytes = SAMPLE.getBytes(UTF_8);
    for (int cut = 0; cut <= bytes.length; cut++) {
      assertThat(parse(Arrays.copyOf(bytes, cut), Arrays.copyOfRange(bytes, cut, bytes.length)))
          .as("cut at %d", cut)
          .isEqualTo(EVENTS);
    }
  }

  @Test
  void readsItCutAtEveryTwoPoints() {
    byte[] bytes = SAMPLE.getBytes(UTF_8);
    for (int one = 0; one <= bytes.length; one++) {
      for (int two = one; two <= bytes.length; two++) {
        assertThat(
                parse(
                    Arrays.copyOf(bytes, one),
                    Arrays.copyOfRange(bytes, one, two),
                    Arrays.copyOfRange(bytes, two, bytes.length)))
            .isEqualTo(EVENTS);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 8, 9})
  void readsItInSmallPieces(int size) {
    byte[] bytes = SAMPLE.getBytes(UTF_8);
    List<byte[]> chunks = new ArrayList<>();
    for (int at = 0; at < bytes.length; at += size) {
      chunks.add(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
    }
    assertThat(parse(chunks.toArray(byte[][]::new))).isEqualTo(EVENTS);
  }

  @Test
  void handsOverSlicesOfTheChunkItself() {
    byte[] chunk = "data: {\"a\":1}\n\ndata: {\"b\":2}\n\n".getBytes(UTF_8);
    List<Boolean> slices = new ArrayList<>();
    new SseParser(100, (bytes, from, to, framed) -> slices.add(framed && bytes == chunk))
        .feed(chunk);
    assertThat(slices).containsExactly(true, true);
  }

  @Test
  void takesNoHalfLineForAnEventAtTheEnd() {
    assertThat(parse("data: {\"a\":1".getBytes(UTF_8))).isEmpty();
    assertThat(parse("data: {\"a\":1}\n".getBytes(UTF_8))).containsExactly("{\"a\":1}");
    assertThat(parse("data: [DONE]".getBytes(UTF_8))).containsExactly("[DONE]");
  }

  @Test
  void refusesAnEventThatIsTooLong() {
    SseParser parser = new SseParser(64, (bytes, from, to, framed) -> {});
    byte[] piece = "data: 0123456789012345678901234567".getBytes(UTF_8);
    parser.feed(piece);
    assertThatThrownBy(() -> parser.feed(piece)).isInstanceOf(FaultException.class);
  }

  @Test
  void refusesTooManyLinesOfOneEvent() {
    SseParser parser = new SseParser(64, (bytes, from, to, framed) -> {});
    byte[] line = "data: 01234567890123456789\n".getBytes(UTF_8);
    parser.feed(line);
    parser.feed(line);
    parser.feed(line);
    assertThatThrownBy(() -> parser.feed(line)).isInstanceOf(FaultException.class);
  }

  private static List<String> parse(byte[]... chunks) {
    List<String> events = new ArrayList<>();
    SseParser parser =
        new SseParser(
            1000,
            (bytes, from, to, framed) -> {
              if (framed) {
                assertThat(new String(bytes, from - 6, 6, UTF_8)).isEqualTo("data: ");
                assertThat(new String(bytes, to, 2, UTF_8)).isEqualTo("\n\n");
              }
              events.add(new String(bytes, from, to - from, UTF_8));
            });
    for (byte[] chunk : chunks) {
      parser.feed(chunk);
    }
    parser.end();
    return events;
  }
}
