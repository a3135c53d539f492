package io.muster.hub.dispatch;

import io.muster.job.JobBatch;
import io.muster.job.JobMessage;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Sends to nodes what one turn of the event loop has for them, each node's in one message where it
 * is several: a message through the cluster costs two system calls and a wake-up at either end,
 * however much is in it. Used on the event loop.
 */
public final class JobPost {
  private static final int MAX_MESSAGES = 256;

  /** So that no message holds up the connection, which heartbeats and streams share. */
  private static final int MAX_BYTES = 128 << 10;

  private final BiFunction<String, Record, Future<Void>> tell;
  private final Consumer<Runnable> afterThisTurn;
  private final Map<String, Sack> sacks = new HashMap<>();
  private boolean scheduled;

  /** What waits for one node. */
  private static final class Sack {
    private List<JobMessage> messages = new ArrayList<>();
    private List<Runnable> undelivered = new ArrayList<>();
    private int bytes;
  }

  /**
   * @param tell sends to a node; fails when it did not arrive
   * @param afterThisTurn runs something on the event loop once what it does now is done
   */
  public JobPost(BiFunction<String, Record, Future<Void>> tell, Consumer<Runnable> afterThisTurn) {
    this.tell = tell;
    this.afterThisTurn = afterThisTurn;
  }

  /**
   * Sends after this turn, in the order of the calls.
   *
   * @param undelivered is run when it did not arrive
   */
  public void send(String nodeId, JobMessage message, Runnable undelivered) {
    Sack sack = sacks.computeIfAbsent(nodeId, id -> new Sack());
    int bytes = message instanceof JobMessage.Submit submit ? submit.job().body().length : 0;
    if (sack.messages.size() == MAX_MESSAGES
        || (sack.bytes > 0 && bytes > 0 && sack.bytes + bytes > MAX_BYTES)) {
      empty(nodeId, sack);
    }
    sack.messages.add(message);
    sack.undelivered.add(undelivered);
    sack.bytes += bytes;
    if (!scheduled) {
      scheduled = true;
      afterThisTurn.accept(this::flush);
    }
  }

  private void flush() {
    scheduled = false;
    Map<String, Sack> full = new HashMap<>(sacks);
    // Nodes come and go: none is remembered that nothing is sent to.
    sacks.clear();
    full.forEach(this::empty);
  }

  private void empty(String nodeId, Sack sack) {
    List<JobMessage> messages = sack.messages;
    List<Runnable> undelivered = sack.undelivered;
    sack.messages = new ArrayList<>();
    sack.undelivered = new ArrayList<>();
    sack.bytes = 0;
    Record message = messages.size() == 1 ? (Record) messages.get(0) : new JobBatch(messages);
    tell.apply(nodeId, message).onFailure(cause -> undelivered.forEach(Runnable::run));
  }
}
