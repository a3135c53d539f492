package io.muster.hub.admin;

import io.muster.hub.storage.TestDatabase;

/** Administration on the embedded database. */
class AdministrationH2IT extends AdministrationContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
