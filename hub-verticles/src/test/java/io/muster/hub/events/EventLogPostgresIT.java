package io.muster.hub.events;

import io.muster.hub.storage.TestDatabase;

/** The log of events on PostgreSQL. */
class EventLogPostgresIT extends EventLogContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
