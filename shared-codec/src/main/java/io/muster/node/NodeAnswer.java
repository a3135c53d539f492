package io.muster.node;

import java.util.List;

/**
 * What a node answers to a {@link NodeCommand}, where there is more to say than that it was done.
 */
public sealed interface NodeAnswer {
  /** It is there. */
  record Pong(String nodeId, String instance, boolean draining, NodeStats stats)
      implements NodeAnswer {}

  /**
   * Lines of its log, the oldest first.
   *
   * @param missing how many of those wanted did not fit into one message
   */
  record LogPage(List<LogLine> lines, int missing) implements NodeAnswer {
    public LogPage {
      lines = lines == null ? List.of() : List.copyOf(lines);
    }
  }

  /**
   * One event of a log, without secrets.
   *
   * @param at milliseconds since 1970
   * @param level in small letters
   * @param request the request's id, null for none
   * @param error the stack trace, null for none
   */
  record LogLine(
      long at,
      String level,
      String logger,
      String thread,
      String request,
      String message,
      String error) {}

  /**
   * Whether it has taken up what it was sent; all of it, or nothing.
   *
   * @param version as it was sent
   * @param refusal why it has not, and keeps what it had; null when it has
   */
  record ConfigOutcome(long version, String refusal) implements NodeAnswer {}
}
