package io.muster.hub.webhook;

import io.muster.hub.storage.TestDatabase;

/** Webhooks on the embedded database. */
class WebhooksH2IT extends WebhooksContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }
}
