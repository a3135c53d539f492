package io.muster.runtime.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.runtime.process.StartRefused;
import io.muster.runtime.settings.Role;
import io.muster.runtime.settings.Settings;
import io.vertx.core.Future;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterIT {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  @TempDir Path folder;

  private final int port = FreePorts.first(5);
  private final List<Cluster> started = new ArrayList<>();

  @AfterEach
  void leave() throws TimeoutException {
    for (Cluster cluster : started) {
      done(cluster.leave(LIMIT));
    }
  }

  @Test
  void membersFindEachOtherAndHearOfComingAndGoing() throws Exception {
    Cluster first = join(Map.of());
    List<String> heard = new CopyOnWriteArrayList<>();
    first.listen(
        new MemberListener() {
          @Override
          public void joined(String memberId) {
            heard.add("joined " + memberId);
          }

          @Override
          public void left(String memberId) {
            heard.add("left " + memberId);
          }
        });

    Cluster second = join(Map.of());

    assertThat(first.members()).containsExactlyInAnyOrder(first.memberId(), second.memberId());
    await().atMost(LIMIT).until(() -> heard.contains("joined " + second.memberId()));

    first.vertx().eventBus().<String>consumer("echo", message -> message.reply(message.body()));
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(done(second.vertx().eventBus().<String>request("echo", "hello")).body())
                    .isEqualTo("hello"));

    done(second.leave(LIMIT));
    await().atMost(LIMIT).until(() -> heard.contains("left " + second.memberId()));
    assertThat(first.members()).containsExactly(first.memberId());
  }

  @Test
  void anotherNameIsAnotherCluster() throws Exception {
    Cluster first = join(Map.of());
    Cluster stranger = join(Map.of("CLUSTER_NAME", "strangers"));

    assertThat(first.members()).containsExactly(first.memberId());
    assertThat(stranger.members()).containsExactly(stranger.memberId());
  }

  @Test
  void aForeignProgramOnOneOfThePortsHoldsNothingUp() throws Exception {
    try (ServerSocket foreign =
        new ServerSocket(port + 1, 50, InetAddress.getByName("127.0.0.1"))) {
      Cluster first = join(Map.of());
      Cluster second = join(Map.of());

      assertThat(foreign.isBound()).isTrue();
      assertThat(first.members()).containsExactlyInAnyOrder(first.memberId(), second.memberId());
    }
  }

  @Test
  void saysWhichPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String number = String.valueOf(taken.getLocalPort());

      assertThatThrownBy(() -> join(Map.of("BUS_PORT", number)))
          .isInstanceOf(StartRefused.class)
          .hasMessageStartingWith("BUS_PORT=" + number + " (environment): somebody listens there");
      assertThatThrownBy(() -> join(Map.of("CLUSTER_PORT", number, "CLUSTER_PORT_COUNT", "1")))
          .isInstanceOf(StartRefused.class)
          .hasMessageStartingWith("CLUSTER_PORT=" + number + " (environment): none of the 1 ports");
    }
  }

  private Cluster join(Map<String, String> more) throws TimeoutException {
    Map<String, String> env = new HashMap<>();
    env.put("CLUSTER_PORT", String.valueOf(port));
    env.put("CLUSTER_PORT_COUNT", "5");
    env.put("CLUSTER_NAME", "it-" + port);
    env.putAll(more);
    Cluster cluster = done(Cluster.join(Settings.load(Role.HUB, env, folder)));
    started.add(cluster);
    return cluster;
  }

  private static <T> T done(Future<T> future) throws TimeoutException {
    return future.await(20, TimeUnit.SECONDS);
  }
}
