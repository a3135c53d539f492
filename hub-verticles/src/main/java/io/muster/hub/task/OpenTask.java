package io.muster.hub.task;

/**
 * A task that this hub sees to, in memory.
 *
 * <pre>
 *   WAITING ──▶ QUEUED ◀──▶ CLAIMING ──committed──▶ RUNNING ──▶ (gone | QUEUED)
 * </pre>
 */
final class OpenTask {
  /** Where it is in this hub's hands. */
  enum Place {
    WAITING,
    QUEUED,
    /** A node is chosen, the database is not told yet. */
    CLAIMING,
    RUNNING
  }

  final TaskSpec spec;
  Place place = Place.WAITING;

  /** The last one that the database knows. */
  long attempt;

  /** Of the attempt under way. */
  String nodeId;

  String instance;

  /** Milliseconds since 1970 before which no attempt begins. */
  long notBefore;

  /** Its number in the queue: smaller came earlier. */
  long order;

  /** When it began to wait for a node; nanoseconds. */
  long queuedAt;

  /** When the present attempt was handed to the node; nanoseconds. */
  long toldAt;

  /** When the present attempt began, or was taken over; nanoseconds. */
  long begunAt;

  /** When this hub last heard of a commit that put it where it is; nanoseconds. */
  long since;

  /** The tool's arguments, until the node has them. */
  String args;

  /** The node has said that it has it. */
  boolean accepted;

  /** Taken over from another hub: its node may still have to come back. */
  boolean adopted;

  /** Its end is being written: nothing more is decided about this attempt. */
  boolean settling;

  OpenTask(TaskSpec spec) {
    this.spec = spec;
  }

  /** This node has this attempt. */
  boolean isRunning(long itsAttempt, String itsNode) {
    return place == Place.RUNNING && attempt == itsAttempt && nodeId.equals(itsNode);
  }

  /**
   * What this node says of this attempt does not count: it has another one, or another node has.
   */
  boolean isFenced(long itsAttempt, String itsNode) {
    return itsAttempt < attempt
        || (itsAttempt == attempt && place == Place.RUNNING && !nodeId.equals(itsNode));
  }

  /**
   * Whether the row that was read is what this hub takes the task for.
   *
   * @param committed null where it is not this hub's open task
   * @param askedAt nanoseconds; what this hub has heard since need not be in the row
   */
  boolean agreesWith(TaskStatus committed, long askedAt) {
    if (settling || since - askedAt >= 0) {
      return true;
    }
    return switch (place) {
      case RUNNING -> committed == TaskStatus.RUNNING;
      case QUEUED -> committed == TaskStatus.QUEUED;
      case WAITING -> committed == (notBefore > 0 ? TaskStatus.QUEUED : TaskStatus.WAITING);
      // What comes of it tells.
      case CLAIMING -> true;
    };
  }

  /** A node has this attempt, or is about to. */
  boolean isOnNode() {
    return place == Place.CLAIMING || place == Place.RUNNING;
  }
}
