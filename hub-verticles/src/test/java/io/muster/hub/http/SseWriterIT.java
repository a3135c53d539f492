package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Streams to OpenAI clients, byte by byte, over real HTTP. */
class SseWriterIT {
  private static final String ONE = chunk("One");
  private static final String TWO = chunk("Two");
  private static final String DONE = "data: [DONE]\n\n";

  private TestHub hub;

  @BeforeEach
  void start() throws Exception {
    hub = TestHub.start();
  }

  @AfterEach
  void stop() throws Exception {
    hub.close();
  }

  @Test
  void passesPiecesThroughAsTheyAreAndAddsDone() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      FakeDispatch.Submitted job = submit(client, TestHub.STREAM);
      job.later(() -> job.started("worker-7"));
      job.later(() -> job.delta(ONE));
      String head = client.until(ONE);
      assertThat(head)
          .startsWith("HTTP/1.1 200 OK\r\n")
          .contains("content-type: text/event-stream\r\n")
          .contains("cache-control: no-cache\r\n")
          .contains("x-worker-id: worker-7\r\n")
          .contains("x-request-id: req_")
          .contains("transfer-encoding: chunked\r\n")
          .endsWith("\r\n\r\n" + Integer.toHexString(ONE.length()) + "\r\n" + ONE);
      assertThat(head.toLowerCase(Locale.ROOT)).doesNotContain("connection:");

      job.later(() -> job.delta(TWO));
      assertThat(client.until(TWO))
          .isEqualTo("\r\n" + Integer.toHexString(TWO.length()) + "\r\n" + TWO);
      await().until(() -> job.granted.get() == 2);

      job.later(() -> job.done(null));
      assertThat(client.until("0\r\n\r\n")).isEqualTo("\r\ne\r\n" + DONE + "\r\n0\r\n\r\n");
      assertThat(job.cancelled).isNull();
      await().until(() -> hub.admission.streams() == 0);

      // And the connection goes on.
      FakeDispatch.Submitted next = submit(client, TestHub.HELLO);
      next.later(() -> next.done("{}"));
      assertThat(client.until("{}")).startsWith("HTTP/1.1 200 OK");
    }
  }

  @Test
  void sendsWhatCameInOneTurnAsOne() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      FakeDispatch.Submitted job = submit(client, TestHub.STREAM);
      job.later(
          () -> {
            job.started("w");
            job.delta(ONE);
            job.delta(TWO);
            job.done(null);
          });
      String all = client.until(DONE);
      assertThat(all)
          .contains("content-length: " + (ONE + TWO + DONE).length())
          .endsWith("\r\n\r\n" + ONE + TWO + DONE);
    }
  }

  @Test
  void makesTheUsageChunkAnewWhereItWasAskedFor() throws Exception {
    String asked =
        TestHub.STREAM.replace(
            "{\"stream\"", "{\"stream_options\":{\"include_usage\":true},\"stream\"");
    hub.dispatch.script =
        job ->
            job.later(
                () -> {
                  job.started("w");
                  job.delta(ONE + TWO);
                  job.done(null);
                });
    String usage =
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":17,\"model\":\"m1-x\","
            + "\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":12,"
            + "\"total_tokens\":21}}\n\n";
    assertThat(hub.post(TestHub.CHAT, asked).body()).isEqualTo(ONE + TWO + usage + DONE);
    assertThat(hub.post(TestHub.CHAT, TestHub.STREAM).body()).isEqualTo(ONE + TWO + DONE);
  }

  @Test
  void failsWithAStatusBeforeTheFirstPiece() throws Exception {
    hub.dispatch.script = job -> job.failed(Fault.of(Failure.NODE_LOST, "gone"), false);
    HttpResponse<String> response = hub.post(TestHub.CHAT, TestHub.STREAM);
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(response.body()).contains("\"code\":\"node_lost\"");
  }

  @Test
  void saysWhyAStreamBrokeAndNeverThatItIsDone() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      FakeDispatch.Submitted job = submit(client, TestHub.STREAM);
      job.later(() -> job.started("w"));
      job.later(() -> job.delta(ONE));
      client.until(ONE);
      job.later(() -> job.failed(Fault.of(Failure.NODE_LOST, "the worker is gone"), true));
      String rest = client.all();
      assertThat(rest)
          .contains(
              "data: {\"error\":{\"message\":\"the worker is gone\",\"type\":\"server_error\","
                  + "\"param\":null,\"code\":\"node_lost\"}}\n\n")
          .doesNotContain("[DONE]")
          .doesNotEndWith("0\r\n\r\n");
    }
    await().until(() -> hub.admission.streams() == 0);
  }

  @Test
  void streamsToOldClientsUntilTheConnectionEnds() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      client.post(TestHub.CHAT, "1.0", TestHub.STREAM, "connection: keep-alive");
      await().until(() -> hub.dispatch.jobs.size() == 1);
      FakeDispatch.Submitted job = hub.dispatch.last();
      job.later(() -> job.started("w"));
      job.later(() -> job.delta(ONE));
      String head = client.until(ONE);
      assertThat(head)
          .startsWith("HTTP/1.0 200 OK")
          .contains("connection: close")
          .doesNotContain("chunked")
          .endsWith("\r\n\r\n" + ONE);
      job.later(() -> job.done(null));
      assertThat(client.all()).isEqualTo(DONE);
    }
  }

  @Test
  void streamsOverHttp2() throws Exception {
    hub.dispatch.script =
        job -> {
          job.later(() -> job.started("w"));
          job.later(() -> job.delta(ONE));
          job.later(() -> job.delta(TWO));
          job.later(() -> job.done(null));
        };
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                hub.request(TestHub.CHAT)
                    .POST(HttpRequest.BodyPublishers.ofString(TestHub.STREAM))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(response.body()).isEqualTo(ONE + TWO + DONE);
  }

  @Test
  void cancelsWhenAnHttp2ClientResetsItsStream() throws Exception {
    hub.dispatch.script =
        job -> {
          job.later(() -> job.started("w"));
          job.later(() -> job.delta(ONE));
        };
    HttpResponse<InputStream> response =
        HttpClient.newHttpClient()
            .send(
                hub.request(TestHub.CHAT)
                    .POST(HttpRequest.BodyPublishers.ofString(TestHub.STREAM))
                    .build(),
                HttpResponse.BodyHandlers.ofInputStream());
    response.body().close();
    await().until(() -> hub.dispatch.last().cancelled != null);
    await().until(() -> hub.admission.streams() == 0);
  }

  @Test
  void cancelsWhenTheClientLeaves() throws Exception {
    FakeDispatch.Submitted job;
    try (TestHub.Raw client = hub.raw()) {
      job = submit(client, TestHub.STREAM);
      job.later(() -> job.started("w"));
      job.later(() -> job.delta(ONE));
      client.until(ONE);
      assertThat(job.cancelled).isNull();
    }
    await().atMost(Duration.ofSeconds(1)).until(() -> job.cancelled != null);
    await().until(() -> hub.admission.streams() == 0);
  }

  @Test
  void grantsNothingMoreToAClientThatDoesNotReadAndCutsItOff() throws Exception {
    try (TestHub slow =
            TestHub.start(
                limits -> {
                  limits.stallTimeoutMs = 600;
                  return limits;
                });
        TestHub.Raw client = slow.raw()) {
      client.socket.setReceiveBufferSize(4096);
      client.post(TestHub.CHAT, "1.1", TestHub.STREAM);
      await().until(() -> slow.dispatch.jobs.size() == 1);
      FakeDispatch.Submitted job = slow.dispatch.last();
      String piece = chunk("x".repeat(64 << 10));
      job.stream(piece, 100_000, 16);
      await().until(() -> job.cancelled != null);
      // The buffers of two sockets take a few megabytes; far from what a client could be owed.
      assertThat(job.sent()).isBetween(16, 400);
      assertThat(job.cancelled).contains("does not read");
      await().until(() -> slow.admission.streams() == 0);
    }
  }

  @Test
  void goesOnGrantingToAClientThatReadsSlowly() throws Exception {
    try (TestHub.Raw client = hub.raw()) {
      FakeDispatch.Submitted job = submit(client, TestHub.STREAM);
      String piece = chunk("y".repeat(64 << 10));
      int pieces = 200;
      job.stream(piece, pieces, 16);
      String all = client.until(DONE);
      assertThat(all.split("data: \\{", -1)).as("pieces").hasSize(pieces + 1);
      assertThat(job.granted.get()).isGreaterThanOrEqualTo(pieces - 16);
    }
  }

  @Test
  void sendsCommentsWhileNothingComes() throws Exception {
    try (TestHub patient =
            TestHub.start(
                limits -> {
                  limits.keepAliveMs = 100;
                  return limits;
                });
        TestHub.Raw client = patient.raw()) {
      client.post(TestHub.CHAT, "1.1", TestHub.STREAM);
      assertThat(client.until(": keep-alive\n\n"))
          .startsWith("HTTP/1.1 200 OK")
          .contains("text/event-stream");
      FakeDispatch.Submitted job = patient.dispatch.last();
      job.later(() -> job.failed(Fault.of(Failure.NO_CAPACITY, "nobody"), false));
      assertThat(client.all()).contains("\"code\":\"no_capacity\"").doesNotContain("[DONE]");
    }
  }

  private FakeDispatch.Submitted submit(TestHub.Raw client, String body) throws Exception {
    int before = hub.dispatch.jobs.size();
    client.post(TestHub.CHAT, "1.1", body);
    await().until(() -> hub.dispatch.jobs.size() > before);
    return hub.dispatch.last();
  }

  private static String chunk(String text) {
    return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":17,"
        + "\"model\":\"m1-x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
        + text
        + "\"}}]}\n\n";
  }
}
