package io.muster.hub.fleet;

import io.muster.metric.Alarm;
import io.muster.metric.Sample;
import io.muster.node.NodeInfo;
import io.muster.node.NodeState;
import io.muster.node.NodeStats;
import java.util.List;
import java.util.stream.Collectors;

/**
 * One node as this hub sees it now. Times are milliseconds since 1970.
 *
 * @param info what it last registered with
 * @param cause what made its state what it is
 * @param stateSince since when it is in this state
 * @param registeredAt when it first registered, 0 when that is not known
 * @param lastHeartbeat 0 for none
 * @param draining whether it takes no new work
 * @param ejection null unless its jobs kept failing and it is left alone for a while
 * @param active jobs that this hub has on it
 * @param stats what it says it did
 * @param sample its last figures, null when there are none
 */
public record NodeView(
    NodeInfo info,
    NodeState state,
    StateCause cause,
    long stateSince,
    long registeredAt,
    long lastHeartbeat,
    boolean draining,
    Ejection ejection,
    int active,
    NodeStats stats,
    Sample sample) {

  /**
   * A node that gets no work for a while.
   *
   * @param failures how many jobs failed on it, one after the other
   * @param until when it is tried again
   */
  public record Ejection(int failures, long until) {}

  /** Whether it takes work as things are, now or when a place is free. */
  public boolean takesWork() {
    return isUp() && !draining && ejection == null;
  }

  /** Whether it is tried when nobody else can take a job: silent for a moment, or ejected. */
  public boolean maySoonTakeWork() {
    return !draining && (state == NodeState.UNKNOWN || (isUp() && ejection != null));
  }

  /** Whether it is alive: online, busy or degraded. */
  public boolean isUp() {
    return state == NodeState.ONLINE || state == NodeState.BUSY || state == NodeState.DEGRADED;
  }

  /** What is wrong with its machine; none while it is not alive. */
  public List<Alarm> alarms() {
    return sample == null || !isUp() ? List.of() : sample.alarms();
  }

  /**
   * Why it is as it is, for people: what keeps work from it first, else the cause of its state.
   *
   * @param now milliseconds since 1970
   */
  public String reason(long now) {
    if (state == NodeState.OFFLINE || state == NodeState.UNKNOWN) {
      return cause.text(now);
    }
    if (draining) {
      return "draining: takes no new work, " + jobs(active) + " still running";
    }
    if (ejection != null) {
      return "ejected after "
          + ejection.failures()
          + (ejection.failures() == 1 ? " failure" : " failures")
          + ", next try "
          + Ages.until(ejection.until() - now);
    }
    if (state == NodeState.BUSY) {
      return "all " + info.maxConcurrent() + " places taken";
    }
    if (state == NodeState.DEGRADED) {
      return alarms().stream().map(Alarm::text).collect(Collectors.joining("; "));
    }
    return cause.text(now);
  }

  private static String jobs(int count) {
    return count + (count == 1 ? " job" : " jobs");
  }
}
