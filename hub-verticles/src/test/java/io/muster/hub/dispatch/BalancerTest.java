package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.muster.hub.node.Node;
import io.muster.hub.node.TestNodes;
import io.muster.job.Job;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BalancerTest {
  private final Random random = new Random(5);

  @ParameterizedTest
  @ValueSource(strings = {"least-connections", "round-robin", "random", "power-of-two", "session"})
  void allChooseOneOfTheAbleAndAllGetSome(String strategy) {
    Balancer balancer = Balancer.of(strategy, random::nextInt);
    Map<String, Integer> hits = new HashMap<>();
    List<Node> nodes = nodes(0, 0, 0);
    for (int i = 0; i < 300; i++) {
      Node chosen = balancer.choose(nodes, job("m", "session-" + i));
      assertThat(nodes).contains(chosen);
      hits.merge(chosen.id(), 1, Integer::sum);
    }
    assertThat(hits).hasSize(3);
    assertThat(hits.values()).allMatch(n -> n > 60);
    Node only = TestNodes.node("only", 7, 8);
    assertThat(balancer.choose(List.of(only), job("m", null))).isEqualTo(only);
  }

  @Test
  void anUnknownNameSaysWhichThereAre() {
    assertThatThrownBy(() -> Balancer.of("fastest", random::nextInt))
        .hasMessageContaining("LOAD_BALANCE_STRATEGY=fastest")
        .hasMessageContaining("power-of-two");
  }

  @Test
  void leastConnectionsTakesTheLeastAndEqualsInTurn() {
    Balancer balancer = Balancer.of("least-connections", random::nextInt);
    assertThat(ids(balancer, nodes(3, 1, 2), 3)).containsExactly("b", "b", "b");
    Balancer fresh = Balancer.of("least-connections", random::nextInt);
    assertThat(ids(fresh, nodes(5, 0, 0), 4))
        .as("a busy one before them does not make one of them get more")
        .containsExactly("b", "c", "b", "c");
  }

  @Test
  void roundRobinGoesOnWhoeverIsAble() {
    Balancer balancer = Balancer.of("round-robin", random::nextInt);
    List<Node> all = nodes(0, 0, 0);
    assertThat(ids(balancer, all, 2)).containsExactly("a", "b");
    assertThat(ids(balancer, List.of(all.get(0), all.get(1)), 2)).containsExactly("a", "b");
    assertThat(ids(balancer, all, 3)).containsExactly("c", "a", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"least-connections", "round-robin"})
  void modelsThatAreAskedForInTurnEachReachAllNodes(String strategy) {
    Balancer balancer = Balancer.of(strategy, random::nextInt);
    List<Node> nodes = nodes(0, 0);
    List<String> hits = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      hits.add(balancer.choose(nodes, job("m", null)).id());
      balancer.choose(nodes, job("n", null));
    }
    assertThat(hits).containsExactly("a", "b", "a", "b");
  }

  @Test
  void powerOfTwoTakesTheOneWithTheSmallerShare() {
    int[] draws = {0, 0};
    int[] next = {0};
    Balancer balancer = new PowerOfTwo(bound -> draws[next[0]++ % 2]);
    Node small = TestNodes.node("small", 1, 2);
    Node big = TestNodes.node("big", 3, 100);
    assertThat(balancer.choose(List.of(small, big), job("m", null))).isEqualTo(big);
    assertThat(balancer.choose(List.of(big, small), job("m", null))).isEqualTo(big);
  }

  @Test
  void aSessionStaysAndOnlyThoseOfAGoneNodeMove() {
    Balancer balancer = Balancer.of("session", random::nextInt);
    List<Node> all = nodes(0, 0, 0, 0);
    List<Node> less = all.subList(0, 3);
    int moved = 0;
    for (int i = 0; i < 400; i++) {
      Job job = job("m", "session-" + i);
      Node home = balancer.choose(all, job);
      assertThat(balancer.choose(all, job)).isEqualTo(home);
      Node next = balancer.choose(less, job);
      if (home.id().equals("d")) {
        moved++;
      } else {
        assertThat(next).isEqualTo(home);
      }
    }
    assertThat(moved).isBetween(60, 140);
  }

  @Test
  void oneBusySessionCannotOverloadItsNode() {
    Balancer balancer = Balancer.of("session", random::nextInt);
    int[] active = new int[4];
    for (int i = 1; i <= 400; i++) {
      Node chosen = balancer.choose(nodes(active), job("m", "the one"));
      active[chosen.id().charAt(0) - 'a']++;
      for (int a : active) {
        assertThat(a).isLessThanOrEqualTo((int) Math.ceil(1.25 * i / 4));
      }
    }
  }

  private static List<Node> nodes(int... active) {
    List<Node> nodes = new ArrayList<>();
    for (int i = 0; i < active.length; i++) {
      nodes.add(TestNodes.node(String.valueOf((char) ('a' + i)), active[i], 1_000));
    }
    return nodes;
  }

  private static List<String> ids(Balancer balancer, List<Node> nodes, int times) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      ids.add(balancer.choose(nodes, job("m", null)).id());
    }
    return ids;
  }

  private static Job job(String model, String affinity) {
    return new Job("id", "id", Job.Kind.CHAT, model, true, affinity, 5, 1_000, new byte[0]);
  }
}
