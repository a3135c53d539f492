package io.muster.hub.node;

import io.muster.hub.storage.TestDatabase;

/** Node records on PostgreSQL. */
class NodeRecordsPostgresIT extends NodeRecordsContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
