package io.muster.hub.history;

import io.muster.hub.storage.TestDatabase;

/** The history of nodes' figures on the embedded database. */
class NodeHistoryH2IT extends NodeHistoryContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
