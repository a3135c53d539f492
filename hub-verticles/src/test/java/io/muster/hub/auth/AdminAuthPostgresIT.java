package io.muster.hub.auth;

import io.muster.hub.storage.TestDatabase;

/** Logging in, on PostgreSQL. */
class AdminAuthPostgresIT extends AdminAuthContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
