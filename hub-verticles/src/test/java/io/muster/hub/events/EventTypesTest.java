package io.muster.hub.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class EventTypesTest {
  /** A call that tells something, with the beginning of its arguments. */
  private static final Pattern TELLING =
      Pattern.compile(
          "\\b(?:emit|emit\\.accept|events\\.accept|new Signal|change)\\(([^;]{0,160})");

  private static final Pattern NAME = Pattern.compile("\"([a-z]+(?:_[a-z]+)+)\"");

  /** What nobody has listed nobody can choose, and no page shows it. */
  @Test
  void listsWhateverHubsAndWorkersTell() throws IOException {
    Set<String> told = new TreeSet<>();
    try (Stream<Path> hub = Files.walk(Path.of("src/main/java"));
        Stream<Path> worker = Files.walk(Path.of("../worker-verticles/src/main/java"))) {
      for (Path file :
          Stream.concat(hub, worker).filter(path -> path.toString().endsWith(".java")).toList()) {
        Matcher calls = TELLING.matcher(Files.readString(file));
        while (calls.find()) {
          Matcher names = NAME.matcher(calls.group(1));
          while (names.find()) {
            told.add(names.group(1));
          }
        }
      }
    }

    assertThat(told).contains("node_revoked", "task_created", "scale_out_wanted", "rate_limited");
    assertThat(told).allMatch(EventTypes::isKnown);
  }
}
