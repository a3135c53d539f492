package io.muster.hub.quota;

import io.muster.hub.storage.TestDatabase;

/** Quotas on PostgreSQL. */
class QuotasPostgresIT extends QuotasContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
