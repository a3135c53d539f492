package io.muster.hub.tunnel;

import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;

/** Tunnels on PostgreSQL, and two hubs on it. */
class TunnelsPostgresIT extends TunnelsContract {
  private Database other;

  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }

  @Override
  Database otherHub() {
    other = open(home());
    return other;
  }

  @Override
  void closeOther() {
    TestDatabase.await(other.close());
  }
}
