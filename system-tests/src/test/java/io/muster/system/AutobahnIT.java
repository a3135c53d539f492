package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.system.Autobahn.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The hub's WebSockets are as good as those of bare Vert.x in the eyes of the Autobahn test suite,
 * and whatever that suite sends to the socket of nodes, the hub stays well.
 *
 * <p>Left out by default are 6.4 (needs seconds a case for the pauses within its messages), 9
 * (megabytes, a measurement of speed rather than of right and wrong) and 12 and up (compression,
 * which the hub has switched off); {@code -Dmuster.autobahn.cases=*} runs them all.
 */
class AutobahnIT {
  private static final List<String> CASES =
      List.of(
          System.getProperty(
                  "muster.autobahn.cases", "1.*,2.*,3.*,4.*,5.*,6.1.*,6.2.*,6.3.*,7.*,10.*")
              .split(","));

  /**
   * What can be judged of a server that does not echo: how it answers pings, breaches of the
   * protocol and closing.
   */
  private static final List<String> UNECHOED =
      List.of(
          "2.2", "2.5", "2.7", "2.8", "2.9", "3.*", "4.*", "5.1", "5.2", "5.9", "7.1.2", "7.1.3",
          "7.1.4", "7.1.5", "7.1.6", "7.3.*", "7.5.*", "7.7.*", "7.9.*", "7.13.*");

  @RegisterExtension final Fleet fleet = new Fleet();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void theHubPassesWhatBareVertxPasses() throws IOException {
    Path folder = Fleet.temporaryFolder();
    try (EchoServers servers = new EchoServers(folder.resolve("data"))) {
      Map<String, String> urls = new LinkedHashMap<>();
      urls.put("bare", servers.bareUrl());
      urls.put("hub", servers.hubUrl());
      Autobahn autobahn = new Autobahn(folder);
      var verdicts = autobahn.judge(urls, CASES);
      Map<String, Verdict> bare = verdicts.get("bare");
      Map<String, Verdict> hub = verdicts.get("hub");
      System.out.println("Autobahn, bare Vert.x: " + count(bare) + "; hub: " + count(hub));
      assertThat(hub).hasSameSizeAs(bare).hasSizeGreaterThan(1);

      Map<String, Verdict> worse = worse(bare, hub);
      if (!worse.isEmpty()) {
        // A case has a second: on a machine that was just busy it says nothing.
        verdicts = autobahn.judge(urls, List.copyOf(worse.keySet()));
        worse = worse(verdicts.get("bare"), verdicts.get("hub"));
      }
      assertThat(worse).as("failed by the hub, passed by bare Vert.x").isEmpty();
    }
    Fleet.delete(folder);
  }

  private static Map<String, Verdict> worse(Map<String, Verdict> bare, Map<String, Verdict> hub) {
    Map<String, Verdict> worse = new TreeMap<>(hub);
    worse.entrySet().removeIf(e -> !e.getValue().failed() || !bare.get(e.getKey()).passed());
    return worse;
  }

  private static Map<String, Long> count(Map<String, Verdict> verdicts) {
    return verdicts.values().stream()
        .collect(Collectors.groupingBy(Verdict::behavior, TreeMap::new, Collectors.counting()));
  }

  @Test
  void theSocketOfNodesSurvives() throws IOException {
    fleet.startHub();
    String url = "ws://127.0.0.1:" + fleet.hub().port() + "/api/nodes/socket";
    Path folder = Files.createDirectory(fleet.folder().resolve("autobahn"));
    var verdicts = new Autobahn(folder).judge(Map.of("nodes", url), UNECHOED).get("nodes");
    assertThat(verdicts)
        .hasSizeGreaterThan(50)
        .allSatisfy(
            (id, verdict) -> {
              assertThat(verdict.closedWell()).as(id + " " + verdict).isTrue();
            });
    assertThat(fleet.hub().isReady()).isTrue();
    assertThat(fleet.logOf("hub")).isNotEmpty().doesNotContain("ERROR");
  }
}
