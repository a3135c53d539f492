package io.muster.hub.fleet;

/** What made a node's state what it is. Times are milliseconds since 1970. */
public sealed interface StateCause {
  /**
   * For people.
   *
   * @param now milliseconds since 1970
   */
  String text(long now);

  /** It lives: the last sign of life came at this time. */
  record Heard(long at) implements StateCause {
    @Override
    public String text(long now) {
      return "heartbeat " + Ages.text(now - at) + " ago";
    }
  }

  /** Nothing was heard of it since this time. */
  record Silent(long since) implements StateCause {
    @Override
    public String text(long now) {
      return "no heartbeat for " + Ages.text(now - since);
    }
  }

  /** Its process or its connection to the cluster is gone. */
  record MemberLeft() implements StateCause {
    @Override
    public String text(long now) {
      return "member left the cluster";
    }
  }

  /** It said goodbye; the reason may be null. */
  record Unregistered(String reason) implements StateCause {
    @Override
    public String text(long now) {
      return reason == null || reason.isBlank() ? "unregistered" : "unregistered: " + reason;
    }
  }

  /** Jobs sent to it fail as those sent to nobody do. */
  record Unreachable(String detail) implements StateCause {
    @Override
    public String text(long now) {
      return "jobs do not reach it: " + detail;
    }
  }

  /** It is in the records, and was not seen since this hub started. */
  record Recorded(long lastHeartbeat) implements StateCause {
    @Override
    public String text(long now) {
      return lastHeartbeat > 0
          ? "not seen since this hub started, last heartbeat "
              + Ages.text(now - lastHeartbeat)
              + " ago"
          : "not seen since this hub started";
    }
  }
}
