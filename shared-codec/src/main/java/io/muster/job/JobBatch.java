package io.muster.job;

import java.util.List;

/**
 * All messages that a hub has for one node after one turn of its event loop, in their order.
 * Nothing waits for more: a lone message leaves at once, as itself.
 */
public record JobBatch(List<JobMessage> messages) {
  public JobBatch {
    messages = List.copyOf(messages);
  }
}
