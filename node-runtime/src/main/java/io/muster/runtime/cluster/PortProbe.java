package io.muster.runtime.cluster;

import com.hazelcast.cluster.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, for many ports at once, behind which of them a Hazelcast member is: one that greets
 * back. Some other program on such a port would hold up a start for minutes, a stopped member for
 * seconds.
 */
final class PortProbe {
  private static final Logger log = LoggerFactory.getLogger(PortProbe.class);

  /** What both sides of a connection between members begin with. */
  private static final byte[] GREETING = "HZC".getBytes(StandardCharsets.US_ASCII);

  private final Duration connectLimit;
  private final Duration greetLimit;
  private final Set<String> unknownHosts = ConcurrentHashMap.newKeySet();

  /** One port that is being tried. */
  private static final class Attempt {
    private final Address address;
    private final ByteBuffer answer = ByteBuffer.allocate(GREETING.length);

    Attempt(Address address) {
      this.address = address;
    }
  }

  /**
   * A probe with time limits.
   *
   * @param connectLimit for all connections together
   * @param greetLimit for the answers of those who were connected; the longer one
   */
  PortProbe(Duration connectLimit, Duration greetLimit) {
    this.connectLimit = connectLimit;
    this.greetLimit = greetLimit;
  }

  /** The members among the ports of the seeds; a host whose name is not known has none. */
  List<Address> members(Collection<Seed> seeds) {
    List<Address> members = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      try {
        for (Seed seed : seeds) {
          connect(seed, selector);
        }
        collect(selector, members);
      } finally {
        for (SelectionKey key : selector.keys()) {
          key.channel().close();
        }
      }
    } catch (IOException e) {
      log.warn("Cannot look for members of the cluster: {}", e.getMessage());
    }
    return members;
  }

  private void connect(Seed seed, Selector selector) throws IOException {
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
    int end = Math.min(65_536, seed.firstPort() + seed.ports());
    for (int port = seed.firstPort(); port < end; port++) {
      SocketChannel channel = SocketChannel.open();
      try {
        channel.configureBlocking(false);
        boolean connected = channel.connect(new InetSocketAddress(host, port));
        Attempt attempt = new Attempt(new Address(host, port));
        SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, attempt);
        if (connected) {
          greet(key);
        }
      } catch (IOException e) {
        channel.close(); // Refused or unreachable at once.
      }
    }
  }

  private void collect(Selector selector, List<Address> members) throws IOException {
    long begin = System.nanoTime();
    while (!selector.keys().isEmpty()) {
      boolean connecting =
          selector.keys().stream()
              .anyMatch(key -> key.isValid() && key.interestOps() == SelectionKey.OP_CONNECT);
      Duration limit = connecting ? connectLimit : greetLimit;
      long leftMs = TimeUnit.NANOSECONDS.toMillis(begin + limit.toNanos() - System.nanoTime());
      if (leftMs > 0) {
        selector.select(key -> proceed(key, members), leftMs);
      } else if (connecting) {
        for (SelectionKey key : selector.keys()) {
          if (key.interestOps() == SelectionKey.OP_CONNECT) {
            close(key);
          }
        }
      } else {
        return;
      }
      selector.selectNow(key -> proceed(key, members)); // Forgets the keys that were closed.
    }
  }

  private static void proceed(SelectionKey key, List<Address> members) {
    Attempt attempt = (Attempt) key.attachment();
    SocketChannel channel = (SocketChannel) key.channel();
    try {
      if (key.isConnectable()) {
        channel.finishConnect();
        greet(key);
      } else if (channel.read(attempt.answer) < 0) {
        close(key);
      } else if (!attempt.answer.hasRemaining()) {
        if (ByteBuffer.wrap(GREETING).equals(attempt.answer.flip())) {
          members.add(attempt.address);
        }
        close(key);
      }
    } catch (IOException e) {
      close(key); // Nobody is there, or somebody who did not like the greeting.
    }
  }

  private static void greet(SelectionKey key) throws IOException {
    ((SocketChannel) key.channel()).write(ByteBuffer.wrap(GREETING));
    key.interestOps(SelectionKey.OP_READ);
  }

  private static void close(SelectionKey key) {
    try {
      key.channel().close();
    } catch (IOException e) {
      log.trace("could not close a probe", e);
    }
  }
}
