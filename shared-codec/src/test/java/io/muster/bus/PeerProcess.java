package io.muster.bus;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** A member of the test's cluster in a process of its own, which can be killed. */
final class PeerProcess {
  private PeerProcess() {}

  /** Arguments: the cluster's name, its own port, the port to join, the address it serves. */
  public static void main(String[] args) throws Exception {
    Vertx vertx = TestCluster.join(args[0], Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    Bus bus = new Bus(vertx);
    TestCluster.await(bus.serve(args[3], question -> Future.succeededFuture(Ack.OK)));
    System.out.println("ready");
    // Whoever started it closes its input, at the latest by dying.
    while (System.in.read() >= 0) {}
    Runtime.getRuntime().halt(0);
  }
}
