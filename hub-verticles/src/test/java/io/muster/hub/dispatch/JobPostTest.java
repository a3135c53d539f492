package io.muster.hub.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.muster.job.Job;
import io.muster.job.JobBatch;
import io.muster.job.JobMessage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobPostTest {
  private final List<String> nodes = new ArrayList<>();
  private final List<Record> sent = new ArrayList<>();
  private final List<Runnable> turns = new ArrayList<>();
  private final List<Integer> undelivered = new ArrayList<>();
  private boolean broken;
  private final JobPost post =
      new JobPost(
          (node, message) -> {
            nodes.add(node);
            sent.add(message);
            return broken ? Future.failedFuture("gone") : Future.succeededFuture();
          },
          turns::add);

  @Test
  void aLoneMessageLeavesAsItself() {
    send("a", credit(1));
    assertThat(sent).isEmpty();
    endTurn();
    assertThat(sent).containsExactly((Record) credit(1));
    assertThat(turns).isEmpty();
  }

  @Test
  void whatOneTurnHasForANodeLeavesTogetherInOrder() {
    send("a", credit(1));
    send("b", credit(2));
    send("a", credit(3));
    endTurn();
    assertThat(nodes).containsExactlyInAnyOrder("a", "b");
    assertThat(sent)
        .containsExactlyInAnyOrder(new JobBatch(List.of(credit(1), credit(3))), (Record) credit(2));
    send("a", credit(4));
    endTurn();
    assertThat(sent).hasSize(3).last().isEqualTo(credit(4));
  }

  @Test
  void bigOnesDoNotTravelTogether() {
    List<JobMessage> all = List.of(submit(1, 100_000), submit(2, 100_000), submit(3, 200_000));
    all.forEach(message -> send("a", message));
    send("a", credit(4));
    endTurn();
    assertThat(sent).hasSize(3);
    assertThat(flat()).containsExactly(all.get(0), all.get(1), all.get(2), credit(4));
  }

  @Test
  void manyLeaveInSeveralMessages() {
    List<JobMessage> all = new ArrayList<>();
    for (int i = 0; i < 600; i++) {
      all.add(credit(i));
      send("a", credit(i));
    }
    endTurn();
    assertThat(sent).hasSize(3);
    assertThat(flat()).isEqualTo(all);
  }

  @Test
  void whatDoesNotArriveIsToldOfEachMessage() {
    broken = true;
    send("a", credit(1));
    send("a", credit(2));
    endTurn();
    assertThat(undelivered).containsExactly(1, 2);
  }

  private void send(String node, JobMessage message) {
    post.send(node, message, () -> undelivered.add((int) message.ticket()));
  }

  private void endTurn() {
    List<Runnable> due = List.copyOf(turns);
    turns.clear();
    due.forEach(Runnable::run);
  }

  private List<JobMessage> flat() {
    List<JobMessage> all = new ArrayList<>();
    for (Record message : sent) {
      if (message instanceof JobBatch batch) {
        all.addAll(batch.messages());
      } else {
        all.add((JobMessage) message);
      }
    }
    return all;
  }

  private static JobMessage credit(int ticket) {
    return new JobMessage.Credit("hub", ticket, 1);
  }

  private static JobMessage submit(int ticket, int bytes) {
    return new JobMessage.Submit(
        "hub",
        ticket,
        1,
        new Job("id", "r", Job.Kind.CHAT, "m", true, null, 5, 1_000, new byte[bytes]));
  }
}
