package io.muster.hub.chat;

import io.muster.hub.storage.TestDatabase;

/** Sessions on the embedded database. */
class ChatServiceH2IT extends ChatServiceContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
