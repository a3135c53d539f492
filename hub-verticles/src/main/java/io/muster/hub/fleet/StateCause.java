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

  /** An event, in words: its member left, it unregistered, it did not acknowledge a job. */
  record Event(String what) implements StateCause {
    @Override
    public String text(long now) {
      return what;
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
