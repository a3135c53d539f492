package io.muster.hub.history;

import io.muster.hub.storage.TestDatabase;

/** The history of nodes' figures on PostgreSQL. */
class NodeHistoryPostgresIT extends NodeHistoryContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
