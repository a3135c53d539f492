package io.muster.bus;

import io.vertx.core.Future;

/** Takes what arrives at an address for somebody who is not on the bus. */
public interface Carrier {
  /** A message that wants no reply. */
  void tell(Record message);

  /** A question; a failed future becomes the fault that the asker gets. */
  Future<Record> ask(Record question);
}
