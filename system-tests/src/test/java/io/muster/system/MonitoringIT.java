package io.muster.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a worker finds of its machine, as a hub tells it and as the worker itself does. */
class MonitoringIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final Pattern LISTENS = Pattern.compile("API listens at (127\\.0\\.0\\.1:[0-9]+)");

  @RegisterExtension final Fleet fleet = new Fleet();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void close() {
    fleet.close();
  }

  @Test
  void aNodeBeyondALimitIsDegradedAndWorksOn() throws Exception {
    fleet.hubWith("ADMIN_PASSWORD", "a password of tests").startHub();
    fleet.startWorkers(
        Map.of(
            "DEMO_MODEL", "on",
            "METRICS_INTERVAL_MS", "200",
            "ALARM_FOR_MS", "0",
            "ALARM_MEMORY_PERCENT", "1",
            "ALARM_MEMORY_CLEAR_PERCENT", "0"),
        "w1");
    String hub = fleet.hub().url();
    await().atMost(SOON).until(() -> fleet.hub().status("w1").equals("degraded"));
    assertThat(get(hub + "/api/metrics", null).at("/workers/0/status_reason").asText())
        .startsWith("memory at ")
        .endsWith("(limit 1%)");

    JsonNode answer =
        send(
            "POST",
            hub + "/v1/chat/completions",
            null,
            "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}");
    assertThat(answer.at("/choices/0/message/content").asText()).isNotEmpty();

    String token =
        send(
                "POST",
                hub + "/api/admin/auth/login",
                null,
                "{\"username\":\"admin\",\"password\":\"a password of tests\"}")
            .path("token")
            .asText();
    String history = hub + "/api/admin/nodes/w1/history?metric=memory,cpu";
    await()
        .atMost(SOON)
        .until(() -> get(history, token).at("/metrics/memory/0/1").asDouble() > .01);
    await()
        .atMost(SOON)
        .until(
            () ->
                get(hub + "/api/admin/events?types=node_degraded", token)
                    .at("/events/0/data/alarms/0/metric")
                    .asText()
                    .equals("memory"));

    Matcher listens = LISTENS.matcher(fleet.logOf("w1"));
    assertThat(listens.find()).isTrue();
    String api = "http://" + listens.group(1) + "/api/v1/metrics";
    String own = Files.readString(fleet.folder().resolve("w1/data/api-token")).strip();
    assertThat(get(api, own).path("node_id").asText()).isEqualTo("w1");
    assertThat(get(api, own).path("memory_usage_percent").asDouble()).isPositive();
    assertThat(get(api, "guessed").at("/error/code").asText()).isEqualTo("unauthorized");
  }

  private JsonNode get(String url, String token) throws Exception {
    return send("GET", url, token, null);
  }

  private JsonNode send(String method, String url, String token, String body) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .timeout(SOON)
            .header("content-type", "application/json")
            .method(
                method,
                body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return HubClient.parse(
        client.send(request.build(), HttpResponse.BodyHandlers.ofString()).body());
  }
}
