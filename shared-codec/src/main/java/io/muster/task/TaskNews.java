package io.muster.task;

import java.util.List;

/**
 * What one hub has just committed about tasks, published to all hubs at {@link
 * io.muster.bus.Addresses#TASK_NEWS}: whoever holds one of them, or has a client waiting for it,
 * goes on from there. A hint only; the database has the truth.
 */
public record TaskNews(String hubId, List<Change> changes) {
  public TaskNews {
    changes = List.copyOf(changes);
  }

  /**
   * One task as it is now.
   *
   * @param status as the API calls it
   * @param attempt the last one that began, 0 before the first
   * @param holder the hub that sees to it, null once it has ended
   * @param nodeId the node of the last attempt, null before the first
   * @param notBefore milliseconds since 1970 before which no attempt begins
   * @param progress JSON, UTF-8; null unless this is no more than a word of progress
   */
  public record Change(
      String taskId,
      String toolName,
      String status,
      long attempt,
      String holder,
      String nodeId,
      long notBefore,
      byte[] progress) {}
}
