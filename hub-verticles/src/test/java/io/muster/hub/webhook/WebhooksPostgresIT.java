package io.muster.hub.webhook;

import io.muster.hub.storage.TestDatabase;

/** Webhooks on PostgreSQL. */
class WebhooksPostgresIT extends WebhooksContract {
  @Override
  TestDatabase create() {
    return TestDatabase.postgres();
  }
}
