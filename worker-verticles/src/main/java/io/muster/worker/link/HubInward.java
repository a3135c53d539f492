package io.muster.worker.link;

import io.muster.bus.Addresses;
import io.muster.bus.Bus;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import io.muster.relay.Inward;
import io.vertx.core.Future;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what a hub sends to this worker's own bus: to the worker's address, and what all hear. */
final class HubInward implements Inward {
  private static final Logger log = LoggerFactory.getLogger(HubInward.class);

  private final Bus bus;
  private final String nodeAddress;

  /**
   * @param bus without the uplink
   */
  HubInward(Bus bus, String nodeAddress) {
    this.bus = bus;
    this.nodeAddress = nodeAddress;
  }

  @Override
  public void tell(String address, Record message) {
    if (isOurs(address)) {
      bus.tell(address, message)
          .onFailure(cause -> log.warn("{} did not take a message: {}", address, cause.toString()));
    }
  }

  @Override
  public void publish(String address, Record message) {
    if (isOurs(address)) {
      bus.publish(address, message);
    }
  }

  @Override
  public Future<Record> ask(String address, Record question, Duration timeout) {
    return isOurs(address)
        ? bus.ask(address, question, timeout)
        : Future.failedFuture(
            new FaultException(Failure.UNREACHABLE, "nobody serves " + address + " here"));
  }

  @Override
  public void unreadable(String why) {
    log.warn("the hub sent what this version cannot read: {}", why);
  }

  private boolean isOurs(String address) {
    return address.equals(nodeAddress) || address.equals(Addresses.NODES);
  }
}
