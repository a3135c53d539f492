package io.muster.hub.mcp;

import io.muster.hub.http.ApiCall;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The streams on which clients wait for changes; so many and no more. */
final class Streams {
  private final ToolCatalogue catalogue;
  private final int most;
  private final Set<Open> open = new LinkedHashSet<>();

  Streams(ToolCatalogue catalogue, int most) {
    this.catalogue = catalogue;
    this.most = most;
  }

  /** One of them. */
  final class Open {
    private final Runnable farewell;
    private Runnable unlisten = () -> {};

    Open(Runnable farewell) {
      this.farewell = farewell;
    }

    boolean isOpen() {
      return open.contains(this);
    }

    /** Ends it in order. */
    void end() {
      if (forget()) {
        farewell.run();
      }
    }

    private boolean forget() {
      unlisten.run();
      return open.remove(this);
    }
  }

  /**
   * Begins to stream.
   *
   * @param changed is run when the tools change; null for a client that does not want to know
   * @param farewell ends the answer
   * @throws Rpc.Failure where there are too many
   */
  Open open(ApiCall http, McpReply reply, Runnable changed, Runnable farewell) {
    if (open.size() >= most) {
      throw new Rpc.Failure(
          503, Rpc.INTERNAL_ERROR, "The hub has as many streams as it may (MCP_MAX_STREAMS).");
    }
    Open stream = new Open(farewell);
    open.add(stream);
    reply.stream();
    if (changed != null) {
      stream.unlisten = catalogue.whenChanged(changed);
    }
    http.whenGone(
        () -> {
          reply.gone();
          stream.forget();
        });
    return stream;
  }

  void endAll() {
    List.copyOf(open).forEach(Open::end);
  }
}
