package io.muster.hub.node;

import io.muster.hub.storage.TestDatabase;

/** Node records on the embedded database. */
class NodeRecordsH2IT extends NodeRecordsContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
