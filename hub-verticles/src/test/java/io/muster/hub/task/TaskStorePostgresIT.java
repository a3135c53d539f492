package io.muster.hub.task;

import io.muster.hub.storage.TestDatabase;

/** Tasks on PostgreSQL. */
class TaskStorePostgresIT extends TaskStoreContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
