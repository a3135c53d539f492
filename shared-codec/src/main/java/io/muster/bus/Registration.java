package io.muster.bus;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.spi.cluster.ClusterManager;
import io.vertx.core.spi.cluster.RegistrationInfo;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One address that this process serves or hears. It can be made known to the cluster anew, which
 * may lose a subscription (after a merge, a stall, several deaths at once) without telling whoever
 * made it.
 */
public final class Registration {
  /** Vert.x numbers its own from 0 upwards. */
  private static final AtomicLong SEQUENCE = new AtomicLong();

  private final VertxInternal vertx;
  private final String address;
  private final MessageConsumer<?> consumer;
  private final Consumer<Registration> whenClosed;
  private RegistrationInfo renewed;
  private Future<Void> renewal = Future.succeededFuture();
  private boolean closed;

  Registration(
      Vertx vertx, String address, MessageConsumer<?> consumer, Consumer<Registration> whenClosed) {
    this.vertx = (VertxInternal) vertx;
    this.address = address;
    this.consumer = consumer;
    this.whenClosed = whenClosed;
  }

  public String address() {
    return address;
  }

  /**
   * Tells the cluster again that this process serves the address. The consumer stays: replacing it
   * would drop what is on its way to it inside this process, since Vert.x has no other way. So only
   * the cluster's entry is made anew, beside the consumer's own, which may be lost or not.
   *
   * @return when the cluster can see it; where that fails, nothing has changed
   */
  public synchronized Future<Void> renew() {
    if (closed) {
      return Future.failedFuture("nobody serves " + address + " here any more");
    }
    ClusterManager cluster = vertx.clusterManager();
    if (cluster != null && renewal.isComplete()) {
      RegistrationInfo fresh =
          new RegistrationInfo(cluster.getNodeId(), SEQUENCE.decrementAndGet(), false);
      Promise<Void> added = Promise.promise();
      cluster.addRegistration(address, fresh, added);
      renewal = added.future().compose(v -> remove(replaceBy(fresh)));
    }
    return renewal;
  }

  /** Whether the address is still served here. */
  public synchronized boolean isOpen() {
    return !closed;
  }

  /** Stops serving the address. */
  public Future<Void> close() {
    return consumer
        .unregister()
        .eventually(() -> remove(replaceBy(null)))
        .onComplete(done -> whenClosed.accept(this));
  }

  /** Remembers the entry to be removed next, and returns the one to be removed now. */
  private synchronized RegistrationInfo replaceBy(RegistrationInfo fresh) {
    closed |= fresh == null;
    if (closed && fresh != null) {
      return fresh;
    }
    RegistrationInfo old = renewed;
    renewed = fresh;
    return old;
  }

  private Future<Void> remove(RegistrationInfo entry) {
    if (entry == null) {
      return Future.succeededFuture();
    }
    Promise<Void> removed = Promise.promise();
    vertx.clusterManager().removeRegistration(address, entry, removed);
    // The cluster may have lost it already: that it cannot be removed is no failure.
    return removed.future().otherwiseEmpty();
  }
}
