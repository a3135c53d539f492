package io.muster.hub.auth;

import io.muster.hub.storage.TestDatabase;

/** Logging in, on the embedded database. */
class AdminAuthH2IT extends AdminAuthContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
