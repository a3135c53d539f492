package io.muster.hub.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What one client cannot do to the hub, over real HTTP. */
class LimitsIT {
  @Test
  void refusesBodiesThatAreTooLarge() throws Exception {
    try (TestHub hub =
        TestHub.start(
            limits -> {
              limits.maxBodyBytes = 1000;
              return limits;
            })) {
      hub.dispatch.script = job -> job.done("{}");
      String large = TestHub.HELLO.replace("Hello", "x".repeat(2000));
      HttpResponse<String> declared = hub.post(TestHub.CHAT, large);
      assertThat(declared.statusCode()).isEqualTo(413);
      assertThat(declared.body()).contains("\"code\":\"request_too_large\"");
      assertThat(declared.headers().firstValue("connection")).contains("close");

      try (TestHub.Raw chunked = hub.raw()) {
        chunked.send(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n");
        for (int i = 0; i < 3; i++) {
          chunked.send("190\r\n" + "y".repeat(400) + "\r\n");
        }
        assertThat(chunked.all()).startsWith("HTTP/1.1 413").contains("request_too_large");
      }

      try (TestHub.Raw asking = hub.raw()) {
        asking.send(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
                + "content-length: 5000\r\n\r\n");
        assertThat(asking.all()).startsWith("HTTP/1.1 413");
      }
      assertThat(hub.dispatch.jobs).isEmpty();
    }
  }

  @Test
  void answersToItsOwnNamesWhereNothingElseIsAsked() throws Exception {
    try (TestHub hub =
        TestHub.start(
            limits -> {
              limits.hosts = List.of("chat.example.org");
              return limits;
            })) {
      assertThat(statusFor(hub, "rebound.example:3000"))
          .startsWith("HTTP/1.1 403")
          .contains("host_not_allowed", "HTTP_HOSTS", "API_KEYS");
      for (String own : List.of("localhost:3000", "127.0.0.1", "[::1]:3000", "chat.example.org")) {
        assertThat(statusFor(hub, own)).as(own).startsWith("HTTP/1.1 200");
      }
    }
    try (TestHub hub =
        TestHub.start(
            limits -> {
              limits.apiKeys = List.of("a-key-of-a-client");
              return limits;
            })) {
      assertThat(statusFor(hub, "hub.example.org")).startsWith("HTTP/1.1 200");
    }
  }

  private static String statusFor(TestHub hub, String host) throws Exception {
    try (TestHub.Raw asking = hub.raw()) {
      asking.send("GET /openapi.json HTTP/1.1\r\nhost: " + host + "\r\nconnection: close\r\n\r\n");
      return asking.all();
    }
  }

  @Test
  void letsAClientThatAsksGoOn() throws Exception {
    try (TestHub hub = TestHub.start();
        TestHub.Raw asking = hub.raw()) {
      hub.dispatch.script = job -> job.done("{\"fine\":1}");
      asking.send(
          "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nexpect: 100-continue\r\n"
              + "content-length: "
              + TestHub.HELLO.length()
              + "\r\n\r\n");
      assertThat(asking.until("\r\n\r\n")).startsWith("HTTP/1.1 100 Continue");
      asking.send(TestHub.HELLO);
      assertThat(asking.until("{\"fine\":1}")).startsWith("HTTP/1.1 200");
    }
  }

  @Test
  void refusesHeadsThatAreTooLarge() throws Exception {
    try (TestHub hub = TestHub.start()) {
      assertThat(hub.post(TestHub.CHAT, TestHub.HELLO, "x-large", "z".repeat(9000)).statusCode())
          .isEqualTo(431);
      assertThat(hub.get("/v1/models?q=" + "z".repeat(9000)).statusCode()).isEqualTo(414);
      try (TestHub.Raw broken = hub.raw()) {
        assertThat(broken.send("GE T / HTTP\r\n\r\n").all()).contains(" 400 ");
      }
      try (TestHub.Raw hostless = hub.raw()) {
        assertThat(hostless.send("GET /v1/models HTTP/1.1\r\n\r\n").all()).contains(" 400 ");
      }
    }
  }

  @Test
  void closesWhatSendsNothingOrTooSlowly() throws Exception {
    try (TestHub hub =
        TestHub.start(
            limits -> {
              limits.readTimeoutMs = 400;
              limits.idleTimeoutMs = 500;
              return limits;
            })) {
      hub.dispatch.script = job -> job.done("{\"fine\":1}");
      try (TestHub.Raw silent = hub.raw();
          TestHub.Raw head = hub.raw();
          TestHub.Raw body = hub.raw();
          TestHub.Raw idle = hub.raw();
          TestHub.Raw second = hub.raw()) {
        head.send("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-slow: ");
        body.send(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\n{");
        idle.post(TestHub.CHAT, "1.1", TestHub.HELLO);
        second.post(TestHub.CHAT, "1.1", TestHub.HELLO);
        idle.until("{\"fine\":1}");
        second.until("{\"fine\":1}");
        second.send("POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nx-slow: ");

        Thread trickle = new Thread(() -> trickle(List.of(head, body, second)));
        trickle.start();
        assertThat(silent.all()).isEmpty();
        assertThat(body.all()).startsWith("HTTP/1.1 408").contains("request_timeout");
        assertThat(idle.all()).isEmpty();
        assertThat(rest(head)).isEmpty();
        assertThat(rest(second)).isEmpty();
        trickle.join();
      }
    }
  }

  @Test
  void keepsAStreamWhoseModelThinks() throws Exception {
    try (TestHub hub =
            TestHub.start(
                limits -> {
                  limits.readTimeoutMs = 100;
                  limits.idleTimeoutMs = 100;
                  return limits;
                });
        TestHub.Raw client = hub.raw()) {
      client.post(TestHub.CHAT, "1.1", TestHub.STREAM);
      await().until(() -> hub.dispatch.jobs.size() == 1);
      // Seven times the time-outs, and nothing has ended.
      await().during(Duration.ofMillis(700)).until(() -> hub.admission.streams() == 1);
      FakeDispatch.Submitted job = hub.dispatch.last();
      job.later(() -> job.delta("data: {}\n\n"));
      job.later(() -> job.done(null));
      assertThat(client.until("[DONE]\n\n")).contains("data: {}");
      assertThat(job.cancelled).isNull();
    }
  }

  @Test
  void holdsNoMoreConnectionsThanItsLimit() throws Exception {
    try (TestHub hub =
        TestHub.start(
            limits -> {
              limits.maxConnections = 3;
              return limits;
            })) {
      hub.dispatch.script = job -> job.done("{}");
      List<TestHub.Raw> held = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        TestHub.Raw client = hub.raw();
        client.post(TestHub.CHAT, "1.1", TestHub.HELLO);
        client.until("{}");
        held.add(client);
      }
      try (TestHub.Raw fourth = hub.raw()) {
        assertThat(rest(fourth.post(TestHub.CHAT, "1.1", TestHub.HELLO))).isEmpty();
      }
      held.get(0).close();
      await().until(() -> hub.verticle.openConnections() == 2);
      try (TestHub.Raw next = hub.raw()) {
        next.post(TestHub.CHAT, "1.1", TestHub.HELLO);
        assertThat(next.until("{}")).startsWith("HTTP/1.1 200");
      }
      for (TestHub.Raw client : held) {
        client.close();
      }
    }
  }

  @Test
  void readsOnlyWhatAPageOfAnotherSiteCannotSendUnasked() throws Exception {
    try (TestHub hub = TestHub.start()) {
      hub.dispatch.script = job -> job.done("{}");
      try (TestHub.Raw page = hub.raw()) {
        page.post(
            TestHub.CHAT,
            "1.1",
            TestHub.HELLO,
            "origin: https://evil.example",
            "content-type: text/plain");
        assertThat(page.until("}}")).startsWith("HTTP/1.1 415");
      }
      try (TestHub.Raw zipped = hub.raw()) {
        zipped.post(TestHub.CHAT, "1.1", TestHub.HELLO, "content-encoding: gzip");
        assertThat(zipped.until("}}")).startsWith("HTTP/1.1 415");
      }
      assertThat(hub.dispatch.jobs).isEmpty();
    }
  }

  private static void trickle(List<TestHub.Raw> clients) {
    List<TestHub.Raw> open = new ArrayList<>(clients);
    await()
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              open.removeIf(client -> !one(client));
              return open.isEmpty();
            });
  }

  private static boolean one(TestHub.Raw client) {
    try {
      client.send("a");
      return true;
    } catch (java.io.IOException closed) {
      return false;
    }
  }

  /** What still comes; nothing where the connection was reset. */
  private static String rest(TestHub.Raw client) {
    try {
      return client.all();
    } catch (java.io.IOException reset) {
      return "";
    }
  }
}
