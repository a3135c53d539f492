package io.muster.hub.quota;

import io.muster.hub.storage.TestDatabase;

/** Quotas on the embedded database. */
class QuotasH2IT extends QuotasContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
