package io.muster.hub.chat;

import io.muster.hub.storage.TestDatabase;

/** Sessions on PostgreSQL. */
class ChatServicePostgresIT extends ChatServiceContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
