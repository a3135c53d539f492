package io.muster.hub.mcp;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The sessions at this hub, those unused for longest first. */
final class McpSessions {
  private static final int ID_BYTES = 24;

  private final SecureRandom random = new SecureRandom();
  private final Map<String, McpSession> byId = new LinkedHashMap<>(16, 0.75f, true);
  private final int most;
  private final long idleNanos;
  private final LongSupplier nanoTime;

  McpSessions(int most, long idleMs, LongSupplier nanoTime) {
    this.most = most;
    this.idleNanos = idleMs * 1_000_000;
    this.nanoTime = nanoTime;
  }

  McpSession begin(String caller) {
    sweep();
    if (byId.size() >= most) {
      end(leastMissed());
    }
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    McpSession session =
        new McpSession(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), caller);
    session.used(nanoTime.getAsLong());
    byId.put(session.id(), session);
    return session;
  }

  /** The one unused for longest, of those that nothing goes on in where there are any. */
  private McpSession leastMissed() {
    return byId.values().stream()
        .filter(session -> !session.isBusy())
        .findFirst()
        .orElseGet(() -> byId.values().iterator().next());
  }

  /** The session, empty where there is none, or it is another caller's. */
  Optional<McpSession> find(String id, String caller) {
    McpSession session = byId.get(id);
    if (session == null || !session.isOf(caller)) {
      return Optional.empty();
    }
    session.used(nanoTime.getAsLong());
    return Optional.of(session);
  }

  void end(McpSession session) {
    byId.remove(session.id());
    session.end();
  }

  /** Ends those that nobody has used for long. */
  void sweep() {
    long now = nanoTime.getAsLong();
    for (Iterator<McpSession> all = byId.values().iterator(); all.hasNext(); ) {
      McpSession session = all.next();
      if (!session.isBusy() && now - session.usedAt() > idleNanos) {
        all.remove();
        session.end();
      }
    }
  }

  int size() {
    return byId.size();
  }

  void endAll() {
    List.copyOf(byId.values()).forEach(this::end);
  }
}
