package io.muster.hub.task;

import io.muster.hub.storage.TestDatabase;

/** Tasks on the embedded database. */
class TaskStoreH2IT extends TaskStoreContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
