package io.muster.hub.events;

import io.muster.hub.storage.TestDatabase;

/** The log of events on the embedded database. */
class EventLogH2IT extends EventLogContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
