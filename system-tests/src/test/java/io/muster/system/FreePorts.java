package io.muster.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports that nobody uses, below those that the system hands out itself: a process that is stopped
 * and started again finds its own port free. No port is given twice in the life of this process.
 */
final class FreePorts {
  private static final int FROM = 10_000;
  private static final int TO = 30_000;
  private static final int TRIES = 500;
  private static final Set<Integer> GIVEN = new HashSet<>();

  private FreePorts() {}

  static int one() {
    return stretch(1);
  }

  /** The first of so many ports in a row. */
  static synchronized int stretch(int count) {
    for (int i = 0; i < TRIES; i++) {
      int first = ThreadLocalRandom.current().nextInt(FROM, TO);
      if (areFree(first, count)) {
        for (int port = first; port < first + count; port++) {
          GIVEN.add(port);
        }
        return first;
      }
    }
    throw new IllegalStateException("no " + count + " free ports in a row");
  }

  private static boolean areFree(int first, int count) {
    for (int port = first; port < first + count; port++) {
      if (GIVEN.contains(port) || !isFree(port)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }
}
