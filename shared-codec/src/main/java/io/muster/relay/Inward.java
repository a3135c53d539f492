package io.muster.relay;

import io.vertx.core.Future;
import java.time.Duration;

/** Where a relay's end hands what the other end sent. */
public interface Inward {
  void tell(String address, Record message);

  void publish(String address, Record message);

  /** A failed future becomes the fault that the asker gets. */
  Future<Record> ask(String address, Record question, Duration timeout);

  /** Something came that this version cannot read; it was left out. */
  void unreadable(String why);
}
