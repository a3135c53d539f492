package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.bus.FaultException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineParserTest {
  @Test
  void cutsLinesAtEveryPoint() {
    byte[] bytes = "{\"a\":1}\n\r\n{\"b\":\"\u4f60\"}\r\n\n{\"c\":3}".getBytes(UTF_8);
    for (int one = 0; one <= bytes.length; one++) {
      for (int two = one; two <= bytes.length; two++) {
        List<String> lines = new ArrayList<>();
        LineParser parser =
            new LineParser(
                100, (line, from, to) -> lines.add(new String(line, from, to - from, UTF_8)));
        parser.feed(Arrays.copyOf(bytes, one));
        parser.feed(Arrays.copyOfRange(bytes, one, two));
        parser.feed(Arrays.copyOfRange(bytes, two, bytes.length));
        parser.end();
        assertThat(lines).containsExactly("{\"a\":1}", "{\"b\":\"\u4f60\"}", "{\"c\":3}");
      }
    }
  }

  @Test
  void refusesALineThatIsTooLong() {
    LineParser parser = new LineParser(20, (line, from, to) -> {});
    parser.feed(new byte[15]);
    assertThatThrownBy(() -> parser.feed(new byte[15])).isInstanceOf(FaultException.class);
  }
}
