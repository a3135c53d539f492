package io.muster.hub.tunnel;

import io.muster.hub.storage.TestDatabase;

/** Tunnels on the embedded database. */
class TunnelsH2IT extends TunnelsContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
