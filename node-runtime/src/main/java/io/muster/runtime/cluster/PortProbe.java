package io.muster.runtime.cluster;

import com.hazelcast.cluster.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out, for many ports at once, which of them somebody listens on. */
final class PortProbe {
  private static final Logger log = LoggerFactory.getLogger(PortProbe.class);

  private final long timeoutMs;
  private final Set<String> unknownHosts = ConcurrentHashMap.newKeySet();

  /**
   * A probe with a time limit.
   *
   * @param timeoutMs how long to wait for the answers of all ports together
   */
  PortProbe(long timeoutMs) {
    this.timeoutMs = timeoutMs;
  }

  /** The open ports among those of the seeds; a host whose name is not known has none. */
  List<Address> open(Collection<Seed> seeds) {
    List<Address> open = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      try {
        for (Seed seed : seeds) {
          connect(seed, selector, open);
        }
        collect(selector, open);
      } finally {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      }
    } catch (IOException e) {
      log.warn("Cannot look for members of the cluster: {}", e.getMessage());
    }
    return open;
  }

  private void connect(Seed seed, Selector selector, List<Address> open) throws IOException {
    InetAddress host;
    try {
      host = InetAddress.getByName(seed.host());
      unknownHosts.remove(seed.host());
    } catch (UnknownHostException e) {
      if (unknownHosts.add(seed.host())) {
        log.warn("No member of the cluster is looked for at {}: unknown host", seed.host());
      }
      return;
    }
    for (int port = seed.firstPort();
        port < seed.firstPort() + seed.ports() && port <= 65_535;
        port++) {
      Address address = new Address(host, port);
      SocketChannel channel = SocketChannel.open();
      try {
        channel.configureBlocking(false);
        if (channel.connect(new InetSocketAddress(host, port))) {
          open.add(address);
          channel.close();
        } else {
          channel.register(selector, SelectionKey.OP_CONNECT, address);
        }
      } catch (IOException e) {
        channel.close(); // Refused or unreachable at once.
      }
    }
  }

  private void collect(Selector selector, List<Address> open) throws IOException {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (!selector.keys().isEmpty()) {
      long leftMs = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (leftMs <= 0) {
        return;
      }
      selector.select(
          key -> {
            SocketChannel channel = (SocketChannel) key.channel();
            try {
              if (channel.finishConnect()) {
                open.add((Address) key.attachment());
              }
            } catch (IOException e) {
              log.trace("closed: {}", key.attachment());
            } finally {
              close(channel);
            }
          },
          leftMs);
      selector.selectNow(); // Forgets the keys of the channels just closed.
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.trace("could not close a probe", e);
    }
  }
}
