package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.quota.Limits;
import io.muster.hub.quota.QuotaGate;
import io.muster.hub.quota.Quotas;
import io.muster.hub.storage.Database;
import io.muster.hub.storage.TestDatabase;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** What a caller with a quota gets over HTTP, and that all of it comes back. */
class QuotaHttpIT {
  private static final String OWN = "{\"message\":\"Hello\"}";

  private final CopyOnWriteArrayList<Map<String, Object>> told = new CopyOnWriteArrayList<>();

  private TestHub hub(Limits keys) throws Exception {
    return TestHub.start(
        limits -> {
          limits.quotas = (vertx, database) -> quotas(vertx, database, keys);
          return limits;
        });
  }

  private QuotaGate quotas(Vertx vertx, Database database, Limits keys) {
    Quotas quotas =
        new Quotas(
            vertx,
            database,
            "hub-test",
            new Quotas.Options(Limits.UNLIMITED, keys, 100, 30_000),
            Quotas.Nodes.of(node -> null, node -> Set.of()),
            (type, data) -> told.add(data),
            System::nanoTime);
    TestDatabase.await(quotas.start());
    return quotas;
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse(null);
  }

  @Test
  void tellsWithEachAnswerWhatIsLeftAndRefusesWithEverythingThereIsToKnow() throws Exception {
    try (TestHub hub = hub(new Limits(1, 5_000, Limits.NONE, 2))) {
      hub.dispatch.script =
          job -> {
            job.started("w");
            job.done("{\"choices\":[{\"message\":{\"content\":\"Hi\"}}]}");
          };
      HttpResponse<String> first = hub.post(TestHub.CHAT, TestHub.HELLO);
      assertThat(first.statusCode()).isEqualTo(200);
      assertThat(header(first, "x-ratelimit-limit-requests")).isEqualTo("2");
      assertThat(header(first, "x-ratelimit-remaining-requests")).isEqualTo("1");
      assertThat(header(first, "x-ratelimit-reset-requests")).matches("2m[01]s");
      assertThat(header(first, "x-ratelimit-limit-tokens")).isEqualTo("5000");
      // Four for the message, two for its text, a hundred for the answer.
      assertThat(header(first, "x-ratelimit-remaining-tokens"))
          .isEqualTo(Integer.toString(5_000 - 4 - 3 - 100));
      assertThat(header(first, "x-ratelimit-reset-tokens")).matches("(\\d+h)?\\d+m\\d+s|\\d+s");

      HttpResponse<String> second = hub.post("/api/chat", OWN);
      assertThat(second.statusCode()).isEqualTo(200);
      assertThat(header(second, "x-ratelimit-remaining-requests")).isEqualTo("0");

      HttpResponse<String> third = hub.post(TestHub.CHAT, TestHub.HELLO);
      assertThat(third.statusCode()).isEqualTo(429);
      assertThat(Long.parseLong(header(third, "retry-after"))).isBetween(100L, 121L);
      assertThat(header(third, "x-should-retry")).isEqualTo("false");
      assertThat(header(third, "x-ratelimit-remaining-requests")).isEqualTo("0");
      JsonObject error = new JsonObject(third.body()).getJsonObject("error");
      assertThat(error.getString("type")).isEqualTo("requests");
      assertThat(error.getString("code")).isEqualTo("quota_exceeded");
      assertThat(error.getValue("param")).isNull();
      assertThat(error.getString("message")).startsWith("Request quota exceeded: 2 of 2 requests");
      JsonObject quota = error.getJsonObject("quota");
      assertThat(quota.getString("what")).isEqualTo("maxRequestsPerMinute");
      assertThat(quota.getLong("limit")).isEqualTo(2);
      assertThat(quota.getLong("used")).isEqualTo(2);
      assertThat(quota.getLong("retry_after_ms")).isBetween(100_000L, 121_000L);

      HttpResponse<String> flat = hub.post("/api/chat", OWN);
      assertThat(flat.statusCode()).isEqualTo(429);
      JsonObject body = new JsonObject(flat.body());
      assertThat(body.getString("error")).startsWith("Request quota exceeded");
      assertThat(body.getString("code")).isEqualTo("quota_exceeded");
      assertThat(body.getJsonObject("quota").getString("what")).isEqualTo("maxRequestsPerMinute");
      HttpResponse<String> ollama = hub.post("/api/chat", TestHub.HELLO);
      assertThat(ollama.statusCode()).isEqualTo(429);
      assertThat(new JsonObject(ollama.body()).getString("error")).startsWith("Request quota");
      assertThat(told)
          .hasSize(1)
          .allSatisfy(data -> assertThat(data).containsEntry("key", "anyone"));
      assertThat(hub.admission.inFlight()).isZero();
    }
  }

  @Test
  void countsTheTokensThatWereUsedAndNoneOfWhatFailed() throws Exception {
    try (TestHub hub = hub(new Limits(Limits.NONE, 1_000, Limits.NONE, 1))) {
      hub.dispatch.script = job -> job.done("{}");
      hub.post(TestHub.CHAT, TestHub.HELLO);
      hub.dispatch.script = job -> job.failed(Fault.of(Failure.QUEUE_FULL, "full"), false);
      hub.post(TestHub.CHAT, TestHub.HELLO);
      hub.dispatch.script = job -> job.done("{}");
      await()
          .untilAsserted(
              () -> {
                HttpResponse<String> answer = hub.post(TestHub.CHAT, TestHub.HELLO);
                String left = header(answer, "x-ratelimit-remaining-tokens");
                // 21 for each that was answered, 107 for the one that runs.
                assertThat((1_000 - 107 - Integer.parseInt(left)) % 21).isZero();
                assertThat(answer.statusCode()).isEqualTo(200);
              });
      String large = TestHub.HELLO.replace("{\"model\"", "{\"max_tokens\":5000,\"model\"");
      HttpResponse<String> never = hub.post(TestHub.CHAT, large);
      assertThat(never.statusCode()).isEqualTo(429);
      assertThat(header(never, "retry-after")).isNull();
      assertThat(header(never, "x-should-retry")).isEqualTo("false");
      assertThat(never.body()).contains("\"type\":\"tokens\"", "asks for more");
    }
  }

  @Test
  void givesAStreamsPlaceBackWhenItsClientLeaves() throws Exception {
    try (TestHub hub = hub(new Limits(Limits.NONE, Limits.NONE, 1, 1))) {
      hub.dispatch.script =
          job ->
              job.later(
                  () -> {
                    job.started("w");
                    job.delta("data: {}\n\n");
                  });
      try (TestHub.Raw client = hub.raw()) {
        client.post(TestHub.CHAT, "1.1", TestHub.STREAM).until("data: {}");
        HttpResponse<String> second = hub.post(TestHub.CHAT, TestHub.STREAM);
        assertThat(second.statusCode()).isEqualTo(429);
        assertThat(second.body()).contains("maxConcurrentStreams", "1 of 1 streams are open");
        assertThat(header(second, "retry-after")).isEqualTo("1");
        assertThat(header(second, "x-should-retry")).isEqualTo("true");
      }
      hub.dispatch.script = job -> job.later(() -> job.done(null));
      await().until(() -> hub.post(TestHub.CHAT, TestHub.STREAM).statusCode() == 200);
      assertThat(hub.dispatch.jobs.get(0).cancelled).isEqualTo("the client went away");
      await().until(() -> hub.admission.inFlight() == 0 && hub.admission.streams() == 0);
    }
  }

  @Test
  void aCallerWithoutAQuotaHearsNothingOfQuotas() throws Exception {
    try (TestHub hub = hub(Limits.UNLIMITED)) {
      hub.dispatch.script = job -> job.done("{}");
      HttpResponse<String> answer = hub.post(TestHub.CHAT, TestHub.HELLO);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().map().keySet()).noneMatch(name -> name.startsWith("x-ratelimit"));
    }
  }
}
