package io.muster.worker.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Why this worker takes no new work: it takes some again when no cause is left, so that what one
 * has stopped another does not let go on. Used on the event loop.
 */
public final class Drains {
  /** An administrator's order. */
  public static final String ORDERED = "ordered";

  /** No room for the node's data. */
  public static final String DISK = "disk";

  private final Map<String, String> causes = new LinkedHashMap<>();
  private final Consumer<String> drain;
  private final Runnable resume;
  private boolean ended;

  /**
   * @param drain takes no new work from now on, for this reason
   * @param resume takes work again
   */
  public Drains(Consumer<String> drain, Runnable resume) {
    this.drain = drain;
    this.resume = resume;
  }

  /** From now on there is this cause. */
  public void begin(String cause, String reason) {
    causes.put(cause, reason);
    if (!ended) {
      drain.accept(reason);
    }
  }

  /**
   * This cause is over.
   *
   * @return why no work is taken all the same, null when it is
   */
  public String end(String cause) {
    boolean was = causes.remove(cause) != null;
    String left = causes.isEmpty() ? null : causes.values().iterator().next();
    if (left == null && !ended && (was || cause.equals(ORDERED))) {
      resume.run();
    } else if (left != null && was && !ended) {
      // Hubs tell people the reason that was said last.
      drain.accept(left);
    }
    return left;
  }

  /** The process ends: it is never resumed again. */
  public void forGood() {
    ended = true;
  }
}
