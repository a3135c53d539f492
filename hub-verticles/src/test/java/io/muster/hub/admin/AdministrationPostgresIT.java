package io.muster.hub.admin;

import io.muster.hub.storage.TestDatabase;

/** Administration on PostgreSQL. */
class AdministrationPostgresIT extends AdministrationContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
