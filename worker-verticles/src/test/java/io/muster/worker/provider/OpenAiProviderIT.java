package io.muster.worker.provider;

import static io.muster.worker.provider.ModelServer.job;
import static io.muster.worker.provider.ModelServer.json;
import static io.muster.worker.provider.ModelServer.stream;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenAiProviderIT {
  private static final String SSE = "text/event-stream";
  private static final String ASK =
      "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello\"}]}";
  private static final String ASK_STREAM =
      "{\"model\":\"m\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
  private static final String COMPLETION =
      "{\"id\":\"c1\",\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{\"index\":0,"
          + "\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"finish_reason\":\"stop\"}],"
          + "\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2,\"total_tokens\":11}}";
  private static final String USAGE_ONLY =
      event("\"choices\":[],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}");
  private static final String DONE = "data: [DONE]\n\n";

  private final ModelServer server = new ModelServer(json(200, COMPLETION));

  @AfterEach
  void close() {
    server.close();
  }

  @Test
  void passesAnAnswerThroughAsItIs() {
    RecordedAnswer answer = ask(provider(), false, ASK);
    RecordedAnswer.Done done = answer.done();
    assertThat(new String(done.body(), java.nio.charset.StandardCharsets.UTF_8))
        .isEqualTo(COMPLETION);
    assertThat(done.usage()).isEqualTo(new Usage(9, 2, false));
    assertThat(done.finishReason()).isEqualTo("stop");
    ModelServer.Seen seen = server.seen.get(0);
    assertThat(seen.body()).isEqualTo(ASK);
    assertThat(seen.path()).isEqualTo("/v1/chat/completions");
    assertThat(seen.headers())
        .containsEntry("authorization", "Bearer sk-secret-key")
        .containsEntry("content-type", "application/json")
        .containsEntry("x-request-id", "req-1");
  }

  @Test
  void estimatesUsageThatIsNotSaid() {
    server.play(
        json(
            200,
            "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"\u4f60\u597d\u4e16\"},"
                + "\"finish_reason\":null}]}"));
    RecordedAnswer.Done done = ask(provider(), false, ASK).done();
    assertThat(done.usage().estimated()).isTrue();
    assertThat(done.usage().completionTokens()).isBetween(3, 8);
    assertThat(done.usage().promptTokens()).isBetween(3, 8);
    assertThat(done.finishReason()).isEqualTo("stop");
  }

  @Test
  void passesAStreamThroughWithoutWhatOnlySaysTheUsage() {
    String role =
        event("\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"usage\":null");
    String hello = delta("Hello");
    String last = event("\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]");
    server.play(stream(SSE, role + hello, ": ping\n\n", last + USAGE_ONLY + DONE));
    RecordedAnswer answer = ask(provider(), true, ASK_STREAM);
    RecordedAnswer.Done done = answer.done();
    assertThat(answer.events()).isEqualTo(role + hello + last);
    assertThat(answer.count()).isEqualTo(3);
    assertThat(done).isEqualTo(new RecordedAnswer.Done("length", new Usage(5, 2, false), null));
    assertThat(server.seen.get(0).body())
        .isEqualTo(
            "{\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"stream\":true,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
  }

  @Test
  void sendsWhatArrivedTogetherAsOneBlock() {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      all.append(delta("token " + i));
    }
    String last = event("\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]");
    server.play(stream(SSE, all + last + USAGE_ONLY + DONE));
    RecordedAnswer answer = ask(provider(), true, ASK_STREAM);
    answer.done();
    assertThat(answer.blocks()).containsExactly(all + last);
    assertThat(answer.count()).isEqualTo(51);
  }

  @Test
  void framesAnewWhatComesInAnotherForm() {
    server.play(
        stream(
            SSE,
            "data:{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n",
            "event: x\ndata: {\"choices\":\ndata: [{\"delta\":{\"content\":\"b\"}}]}\n\n",
            event("\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]")));
    RecordedAnswer answer = ask(provider(), true, ASK_STREAM);
    RecordedAnswer.Done done = answer.done();
    assertThat(answer.events())
        .startsWith(
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
                + "data: {\"choices\": [{\"delta\":{\"content\":\"b\"}}]}\n\n");
    // Neither [DONE] nor usage: the finish reason says that it is complete.
    assertThat(done.finishReason()).isEqualTo("stop");
    assertThat(done.usage().estimated()).isTrue();
    assertThat(done.usage().completionTokens()).isPositive();
  }

  @Test
  void keepsTheConnection() {
    OpenAiProvider provider = provider();
    for (int i = 0; i < 3; i++) {
      ask(provider, false, ASK).done();
    }
    server.play(stream(SSE, delta("x"), DONE));
    ask(provider, true, ASK_STREAM).done();
    ask(provider, true, ASK_STREAM).done();
    assertThat(server.connections).hasValue(1);
  }

  @Test
  void failsAStreamThatIsCut() {
    server.play(stream(SSE, delta("Hel")));
    RecordedAnswer ended = ask(provider(), true, ASK_STREAM);
    assertThat(ended.fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(ended.text()).isEqualTo("Hel");

    server.play(
        (response, seen) ->
            response
                .setChunked(true)
                .write(delta("Hel"))
                .onComplete(v -> server.vertx.setTimer(20, id -> response.reset())));
    RecordedAnswer broken = ask(provider(), true, ASK_STREAM);
    assertThat(broken.fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(broken.text()).isEqualTo("Hel");
    assertThat(broken.ends()).isEqualTo(1);
  }

  @Test
  void failsAStreamThatHoldsAnError() {
    server.play(
        stream(SSE, delta("Hel"), "data: {\"error\":{\"message\":\"out of memory\"}}\n\n", DONE));
    RecordedAnswer answer = ask(provider(), true, ASK_STREAM);
    assertThat(answer.fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(answer.fault().message()).contains("out of memory");
    await().until(() -> server.closed.get() == 1);
  }

  @Test
  void takesAWholeAnswerToAStreamRequest() {
    server.play(
        json(
            200,
            "{\"id\":\"c\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":"
                + "{\"role\":\"assistant\",\"content\":\"Hi\",\"tool_calls\":[{\"id\":\"t\"}]},"
                + "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,"
                + "\"completion_tokens\":1}}"));
    RecordedAnswer answer = ask(provider(), true, ASK_STREAM);
    assertThat(answer.done().usage()).isEqualTo(new Usage(1, 1, false));
    assertThat(answer.events())
        .isEqualTo(
            "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,"
                + "\"finish_reason\":\"stop\",\"delta\":{\"role\":\"assistant\",\"content\":\"Hi\","
                + "\"tool_calls\":[{\"id\":\"t\",\"index\":0}]}}]}\n\n");
  }

  @Test
  void asksWithoutStreamOptionsWhereTheyAreRefused() {
    server.play(
        (response, seen) -> {
          if (seen.body().contains("stream_options")) {
            json(400, "{\"error\":{\"message\":\"Unknown field: stream_options\"}}")
                .answer(response, seen);
          } else {
            stream(SSE, delta("x"), DONE).answer(response, seen);
          }
        });
    OpenAiProvider provider = provider();
    assertThat(ask(provider, true, ASK_STREAM).done().finishReason()).isEqualTo("stop");
    assertThat(server.seen).hasSize(2);
    assertThat(ask(provider, true, ASK_STREAM).done().usage().estimated()).isTrue();
    assertThat(server.seen).hasSize(3);
    assertThat(server.seen.get(2).body()).isEqualTo(ASK_STREAM);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|BAD_REQUEST",
        "422|BAD_REQUEST",
        "413|TOO_LARGE",
        "401|PROVIDER_AUTH",
        "403|PROVIDER_AUTH",
        "408|PROVIDER_ERROR",
        "409|PROVIDER_ERROR",
        "429|PROVIDER_LIMITED",
        "500|PROVIDER_ERROR",
        "502|PROVIDER_ERROR",
        "503|PROVIDER_ERROR",
        "529|PROVIDER_LIMITED",
      })
  void tellsRefusalsApart(int status, Failure failure) {
    server.play(
        json(
            status,
            "{\"error\":{\"message\":\"no: sk-secret-key\",\"type\":\"t\",\"param\":\"p\",\"code\":7}}"));
    for (boolean stream : new boolean[] {false, true}) {
      Fault fault = ask(provider(), stream, stream ? ASK_STREAM : ASK).fault();
      assertThat(fault.failure()).isEqualTo(failure);
      assertThat(fault.message() + fault.detail()).doesNotContain("secret");
      if (failure == Failure.BAD_REQUEST) {
        assertThat(fault.detail())
            .isEqualTo("{\"message\":\"no: ***\",\"type\":\"t\",\"param\":\"p\",\"code\":7}");
      }
    }
  }

  @Test
  void tellsAnUnknownModelFromAWrongAddress() {
    server.play(
        json(404, "{\"error\":{\"message\":\"The model `m` does not exist\",\"code\":\"x\"}}"));
    assertThat(ask(provider(), false, ASK).fault().failure()).isEqualTo(Failure.MODEL_NOT_FOUND);
    server.play(json(404, "Not found"));
    Fault fault = ask(provider(), false, ASK).fault();
    assertThat(fault.failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(fault.message()).contains("base URL");
  }

  @Test
  void saysWhenToTryAgain() {
    server.play(json(429, "{}", "retry-after", "7"));
    assertThat(ask(provider(), false, ASK).fault().retryAfterMs()).isEqualTo(7_000);
    server.play(json(429, "{}", "retry-after", "7", "retry-after-ms", "250"));
    assertThat(ask(provider(), false, ASK).fault().retryAfterMs()).isEqualTo(250);
    server.play(json(503, "{}", "retry-after", "2"));
    Fault fault = ask(provider(), true, ASK_STREAM).fault();
    assertThat(fault.failure()).isEqualTo(Failure.PROVIDER_LIMITED);
    assertThat(fault.retryAfterMs()).isEqualTo(2_000);
  }

  @Test
  void failsAnAnswerThatIsNone() {
    for (String body : new String[] {"<html>", "{\"choices\":[]}", "{\"choices\":[{", ""}) {
      server.play(json(200, body));
      assertThat(ask(provider(), false, ASK).fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
      assertThat(ask(provider(), true, ASK_STREAM).fault().failure())
          .isEqualTo(Failure.PROVIDER_ERROR);
    }
    server.play(json(200, "{\"error\":{\"message\":\"overloaded\",\"code\":429}}"));
    assertThat(ask(provider(), false, ASK).fault().failure()).isEqualTo(Failure.PROVIDER_LIMITED);
  }

  @Test
  void boundsAnAnswer() {
    server.play((response, seen) -> response.end(Buffer.buffer(new byte[2 << 20])));
    assertThat(ask(provider(), false, ASK).fault().message()).contains("bytes");
    await().until(() -> server.closed.get() == 1);
  }

  @Test
  void failsWhenNobodyListens() {
    server.stop();
    Fault fault = ask(provider(), false, ASK).fault();
    assertThat(fault.failure()).isEqualTo(Failure.PROVIDER_ERROR);
    assertThat(fault.message()).contains("refused").contains("127.0.0.1");
    assertThatThrownBy(() -> server.awaitOnLoop(provider()::models))
        .hasMessageContaining("refused");
  }

  @Test
  void failsWhenTheFirstTokenIsLate() {
    server.play((response, seen) -> response.setChunked(true).write(": processing\n\n"));
    Fault fault = ask(provider(150, 5_000), true, ASK_STREAM).fault();
    assertThat(fault.failure()).isEqualTo(Failure.PROVIDER_TIMEOUT);
    assertThat(fault.message()).contains("150 ms");
    await().until(() -> server.closed.get() == 1);
  }

  @Test
  void waitsForASlowStart() {
    server.play(
        (response, seen) ->
            server.vertx.setTimer(
                300, id -> stream(SSE, delta("late"), DONE).answer(response, seen)));
    RecordedAnswer answer = ask(provider(5_000, 100), true, ASK_STREAM);
    answer.done();
    assertThat(answer.text()).isEqualTo("late");
  }

  @Test
  void failsWhenAStreamFallsSilent() {
    server.play((response, seen) -> response.setChunked(true).write(delta("Hel")));
    RecordedAnswer answer = ask(provider(5_000, 150), true, ASK_STREAM);
    Fault fault = answer.fault();
    assertThat(fault.failure()).isEqualTo(Failure.PROVIDER_TIMEOUT);
    assertThat(fault.message()).contains("150 ms").contains("middle");
    assertThat(answer.text()).isEqualTo("Hel");
    await().until(() -> server.closed.get() == 1);
  }

  @Test
  void closesTheConnectionOfACancelledJob() {
    server.play((response, seen) -> response.setChunked(true).write(delta("Hel")));
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call = server.call(provider(), job(true, ASK_STREAM), answer);
    await().until(() -> answer.count() == 1);
    assertThat(server.closed).hasValue(0);
    server.onLoop(
        () -> {
          call.cancel();
          call.cancel();
          return null;
        });
    await().until(() -> server.closed.get() == 1);
    assertThat(answer.hasEnded()).isFalse();
  }

  @Test
  void cancelsBeforeAnythingCame() {
    server.play((response, seen) -> {});
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall call = server.call(provider(), job(false, ASK), answer);
    await().until(() -> server.seen.size() == 1);
    server.onLoop(
        () -> {
          call.cancel();
          return null;
        });
    await().until(() -> server.closed.get() == 1);

    RecordedAnswer atOnce = new RecordedAnswer();
    OpenAiProvider provider = provider();
    server.onLoop(
        () -> {
          provider.call(job(false, ASK), atOnce).cancel();
          return null;
        });
    server.play(json(200, COMPLETION));
    ask(provider, false, ASK).done();
    assertThat(answer.hasEnded()).isFalse();
    assertThat(atOnce.hasEnded()).isFalse();
  }

  @Test
  void stopsReadingWhilePaused() {
    String big = delta("x".repeat(8_000));
    AtomicLong written = new AtomicLong();
    AtomicBoolean stuck = new AtomicBoolean();
    int total = 4_000;
    server.play(
        (response, seen) -> {
          response.setChunked(true);
          Runnable[] pump = new Runnable[1];
          pump[0] =
              () -> {
                while (written.get() < total && !response.writeQueueFull()) {
                  response.write(big);
                  written.incrementAndGet();
                }
                if (written.get() == total) {
                  response.end(DONE);
                } else {
                  stuck.set(true);
                  response.drainHandler(
                      v -> {
                        stuck.set(false);
                        pump[0].run();
                      });
                }
              };
          pump[0].run();
        });
    RecordedAnswer answer = new RecordedAnswer();
    AtomicBoolean paused = new AtomicBoolean();
    ProviderCall[] call = new ProviderCall[1];
    answer.onEvents(
        block -> {
          if (paused.compareAndSet(false, true)) {
            call[0].pause();
          }
        });
    // Long enough that a busy machine is not taken for a silent server.
    OpenAiProvider provider = provider(5_000, 1_500);
    server.onLoop(
        () -> {
          call[0] = provider.call(job(true, ASK_STREAM), answer);
          return null;
        });
    await().until(paused::get);
    // Twice the idle time-out: the silence is the reader's, not the server's.
    long[] before = {-1, 0};
    await()
        .atMost(java.time.Duration.ofSeconds(60))
        .pollInterval(java.time.Duration.ofMillis(3_000))
        .until(
            () -> {
              boolean still = before[0] == written.get();
              before[0] = written.get();
              return still && stuck.get();
            });
    assertThat(written.get()).isLessThan(total);
    assertThat(answer.hasEnded()).isFalse();
    server.onLoop(
        () -> {
          call[0].resume();
          return null;
        });
    answer.done();
    assertThat(answer.count()).isEqualTo(total);
  }

  @Test
  void triesAgainWhenAKeptConnectionTurnsOutToBeClosed() {
    AtomicBoolean first = new AtomicBoolean(true);
    OpenAiProvider provider = provider();
    ask(provider, false, ASK).done();
    server.play(
        (response, seen) -> {
          if (first.getAndSet(false)) {
            response.reset();
          } else {
            json(200, COMPLETION).answer(response, seen);
          }
        });
    ask(provider, false, ASK).done();
    assertThat(server.seen).hasSize(3);
    // On a connection of its own the end is the server's answer.
    first.set(true);
    assertThat(ask(provider(), false, ASK).fault().failure()).isEqualTo(Failure.PROVIDER_ERROR);
  }

  @Test
  void listsModelsWithThoseThatChatFirst() {
    server.play(
        json(
            200,
            "{\"object\":\"list\",\"data\":[{\"id\":\"text-embedding-3-small\",\"created\":1},"
                + "{\"id\":\"gpt-4o\",\"created\":1715367049,\"owned_by\":\"system\"},"
                + "{\"id\":\"qwen\",\"max_model_len\":32768}]}"));
    assertThat(server.awaitOnLoop(provider()::models))
        .containsExactly(
            new ModelInfo("gpt-4o", "openai", "system", 1715367049, 0),
            new ModelInfo("qwen", "openai", "openai", 0, 32768),
            new ModelInfo("text-embedding-3-small", "openai", "openai", 1, 0));
    assertThat(server.seen.get(0).path()).isEqualTo("/v1/models");
  }

  @Test
  void servesTheGivenModelWhereNoneAreListed() {
    server.play(json(404, "{}"));
    assertThat(server.awaitOnLoop(provider()::models))
        .containsExactly(new ModelInfo("fallback", "openai", "openai", 0, 0));
  }

  @Test
  void sendsALargeRequestToo() {
    String big = "x".repeat(600_000);
    String body =
        "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + big + "\"}]}";
    server.play(json(200, COMPLETION));
    ask(provider(), false, body).done();
    assertThat(server.seen.get(0).body())
        .isEqualTo("{\"model\":\"m\"," + body.substring(1).replace("true", "false"));
    assertThat(ask(provider(), false, "[" + big).fault().failure()).isEqualTo(Failure.BAD_REQUEST);
  }

  private RecordedAnswer ask(Provider provider, boolean stream, String body) {
    RecordedAnswer answer = new RecordedAnswer();
    server.call(provider, job(stream, body), answer);
    return answer;
  }

  private OpenAiProvider provider() {
    return provider(5_000, 5_000);
  }

  private OpenAiProvider provider(long firstMs, long idleMs) {
    return new OpenAiProvider(
        server.vertx,
        new OpenAiProvider.Options(
            "openai",
            server.url() + "/v1/",
            "sk-secret-key",
            "fallback",
            ModelServer.options(firstMs, idleMs)));
  }

  private static String delta(String text) {
    return event("\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"}}]");
  }

  private static String event(String members) {
    return "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\"," + members + "}\n\n";
  }
}
