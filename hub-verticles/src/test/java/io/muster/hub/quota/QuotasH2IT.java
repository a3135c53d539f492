package io.muster.hub.quota;

import static io.muster.hub.storage.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.muster.hub.quota.QuotaStore.Reserve;
import io.muster.hub.storage.TestDatabase;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Quotas on the embedded database. */
class QuotasH2IT extends QuotasContract {
  @Override
  TestDatabase create() {
    return TestDatabase.h2();
  }

  @Test
  void aHubThatIsAloneKeepsWhatItHoldsThoughItStoodStill() {
    QuotaStore alone = new QuotaStore(database, "hub-1", 1, () -> 0);
    Limits limits = new Limits(-1, -1, 1, 1);
    Principal node = Principal.node("worker-1");
    await(alone.run(List.of(new Reserve("hub-1/1", node, limits, new Demand(5, true)))));
    Awaitility.await().until(this::isExpired);
    assertThat(await(alone.run(List.of())).leaseLost()).isFalse();
    QuotaStore.Done more =
        await(alone.run(List.of(new Reserve("hub-1/2", node, limits, new Demand(5, true)))));
    assertThat(more.outcomes().get(0).refusal()).as("the first is still held").isNotNull();
  }

  private boolean isExpired() {
    return await(
        database.transactLightly(
            connection -> {
              try (Statement statement = connection.createStatement();
                  ResultSet row =
                      statement.executeQuery(
                          "SELECT 1 FROM quota_hub WHERE lease_until < CURRENT_TIMESTAMP")) {
                return row.next();
              }
            }));
  }
}
