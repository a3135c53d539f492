package io.muster.hub.identity;

import io.muster.hub.storage.TestDatabase;

/** Identities on PostgreSQL. */
class IdentitiesPostgresIT extends IdentitiesContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
