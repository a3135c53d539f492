package io.muster.hub.identity;

import io.muster.hub.storage.TestDatabase;

/** Identities on the embedded database. */
class IdentitiesH2IT extends IdentitiesContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
