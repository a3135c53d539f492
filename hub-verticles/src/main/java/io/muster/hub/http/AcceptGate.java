package io.muster.hub.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands where connections are accepted, before anything is read from them: lets no more in than
 * may be open, and knows those that have not said anything whole yet. Vert.x tells of a connection
 * only once the head of its first request has arrived, and its own idle time-out starts again with
 * every byte, so that neither sees a client that sends nothing or a byte at a time.
 *
 * <p>It runs on the acceptor's thread and is asked on the event loop.
 */
final class AcceptGate extends ChannelInboundHandlerAdapter {
  private final int max;
  private final AtomicInteger open = new AtomicInteger();
  private final Map<Channel, Long> silent = new ConcurrentHashMap<>();

  AcceptGate(int max) {
    this.max = max;
  }

  /** Stands from now on before the server that has accepted this connection. */
  void guardServerOf(Channel accepted) {
    count(accepted);
    accepted.parent().pipeline().addFirst("muster-gate", this);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof Channel accepted) {
      if (open.get() >= max) {
        accepted.unsafe().closeForcibly();
        return;
      }
      count(accepted);
      silent.put(accepted, System.nanoTime());
    }
    ctx.fireChannelRead(message);
  }

  private void count(Channel accepted) {
    open.incrementAndGet();
    accepted
        .closeFuture()
        .addListener(
            closed -> {
              open.decrementAndGet();
              silent.remove(accepted);
            });
  }

  /** A whole head of a request has come from it. */
  void spoke(Channel channel) {
    silent.remove(channel);
  }

  int open() {
    return open.get();
  }

  /** Closes those that have said nothing whole for too long. */
  void closeSilent(long timeoutNanos) {
    long now = System.nanoTime();
    silent.forEach(
        (channel, since) -> {
          if (now - since > timeoutNanos) {
            var unused = channel.close();
          }
        });
  }
}
