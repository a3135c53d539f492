package io.muster.hub.mcp;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One client's session: what it runs, and where it is told of changes. */
final class McpSession {
  private final String id;
  private final String caller;
  private final Map<Object, Runnable> running = new HashMap<>();
  private Streams.Open stream;
  private long usedAt;

  McpSession(String id, String caller) {
    this.id = id;
    this.caller = caller;
  }

  String id() {
    return id;
  }

  /** Who began it: nobody else may use it. */
  boolean isOf(String other) {
    return caller.equals(other);
  }

  void used(long nanos) {
    usedAt = nanos;
  }

  long usedAt() {
    return usedAt;
  }

  /** Whether something of it is still going on. */
  boolean isBusy() {
    return (stream != null && stream.isOpen()) || !running.isEmpty();
  }

  /**
   * @return whether the id was free
   */
  boolean runs(Object requestId, Runnable cancel) {
    return running.putIfAbsent(requestId, cancel) == null;
  }

  void ended(Object requestId) {
    running.remove(requestId);
  }

  /** Harmless where nothing of that id runs. */
  void cancel(Object requestId) {
    Runnable cancel = running.remove(requestId);
    if (cancel != null) {
      cancel.run();
    }
  }

  /** A session has one stream: a new one takes the place of another, which may be dead. */
  void listens(Streams.Open next) {
    if (stream != null) {
      stream.end();
    }
    stream = next;
  }

  void end() {
    List.copyOf(running.keySet()).forEach(this::cancel);
    if (stream != null) {
      stream.end();
    }
  }
}
