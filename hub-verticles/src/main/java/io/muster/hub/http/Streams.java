package io.muster.hub.http;

import io.vertx.core.Context;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The streams that are open, for what time does to them: a comment where nothing came for long, an
 * end where the client takes nothing. One look at all of them costs less than a timer for each.
 */
final class Streams {
  private final Context context;
  private final long stallNanos;
  private final long keepAliveNanos;
  private final Set<ClientStream> open = new LinkedHashSet<>();

  Streams(Context context, long stallTimeoutMs, long keepAliveMs) {
    this.context = context;
    this.stallNanos = stallTimeoutMs * 1_000_000;
    this.keepAliveNanos = keepAliveMs * 1_000_000;
  }

  Context context() {
    return context;
  }

  void add(ClientStream stream) {
    open.add(stream);
  }

  void remove(ClientStream stream) {
    open.remove(stream);
  }

  void sweep() {
    long now = System.nanoTime();
    for (ClientStream stream : List.copyOf(open)) {
      stream.look(now, stallNanos, keepAliveNanos);
    }
  }
}
