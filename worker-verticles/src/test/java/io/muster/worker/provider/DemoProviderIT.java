package io.muster.worker.provider;

import static io.muster.worker.provider.ModelServer.job;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.job.Usage;
import io.muster.node.ModelInfo;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DemoProviderIT {
  private static final Clock CLOCK =
      Clock.fixed(Instant.ofEpochSecond(1_790_000_000), ZoneOffset.UTC);

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  @AfterEach
  void close() throws Exception {
    vertx.close().await(10, TimeUnit.SECONDS);
  }

  @Test
  void answersWhole() {
    RecordedAnswer.Done done = ask(0, false, user("Repeat: one two three")).done();
    assertThat(done.text()).isEqualTo("one two three");
    assertThat(done.usage()).isEqualTo(new Usage(4, 3, false));
    assertThat(done.finishReason()).isEqualTo("stop");
    JsonNode json = done.json();
    assertThat(json.path("object").asText()).isEqualTo("chat.completion");
    assertThat(json.path("id").asText()).isEqualTo("chatcmpl-job-1");
    assertThat(json.path("created").asLong()).isEqualTo(1_790_000_000);
    assertThat(json.path("model").asText()).isEqualTo("demo");
    assertThat(json.at("/choices/0/message/role").asText()).isEqualTo("assistant");
    assertThat(json.at("/usage/total_tokens").asInt()).isEqualTo(7);
  }

  @Test
  void streamsTokenByTokenInOneBlock() {
    RecordedAnswer answer = ask(0, true, user("请回复：你好 \\\"Ann\\\""));
    RecordedAnswer.Done done = answer.done();
    assertThat(done).isEqualTo(new RecordedAnswer.Done("stop", new Usage(7, 3, false), null));
    assertThat(answer.blocks()).hasSize(1);
    List<JsonNode> chunks = answer.chunks();
    assertThat(chunks).hasSize(5);
    assertThat(chunks.get(0).at("/choices/0/delta/role").asText()).isEqualTo("assistant");
    assertThat(chunks.get(1).at("/choices/0/delta/content").asText()).isEqualTo("你");
    assertThat(chunks.get(4).at("/choices/0/finish_reason").asText()).isEqualTo("stop");
    assertThat(chunks).extracting(c -> c.path("id").asText()).containsOnly("chatcmpl-job-1");
    assertThat(answer.text()).isEqualTo("你好 \"Ann\"");
  }

  @Test
  void honoursMaxTokensAndStop() {
    String ask = "\"messages\":[{\"role\":\"user\",\"content\":\"Repeat: a b c d\"}]";
    RecordedAnswer.Done cut = ask(0, false, "{\"max_tokens\":2," + ask + "}").done();
    assertThat(cut.text()).isEqualTo("a b ");
    assertThat(cut.finishReason()).isEqualTo("length");
    assertThat(cut.usage().completionTokens()).isEqualTo(2);
    RecordedAnswer.Done fits = ask(0, false, "{\"max_completion_tokens\":4," + ask + "}").done();
    assertThat(fits.finishReason()).isEqualTo("stop");
    RecordedAnswer.Done stopped = ask(0, false, "{\"stop\":[\"c\"]," + ask + "}").done();
    assertThat(stopped.text()).isEqualTo("a b ");
    assertThat(stopped.finishReason()).isEqualTo("stop");
    assertThat(ask(0, false, "{\"stop\":\"b\"," + ask + "}").done().text()).isEqualTo("a ");
  }

  @Test
  void remembersANameInTheMessagesItIsSent() {
    String body =
        "{\"messages\":[{\"role\":\"system\",\"content\":\"x\"},{\"role\":\"user\",\"content\":"
            + "[{\"type\":\"text\",\"text\":\"My name is Ann\"}]},{\"role\":\"assistant\","
            + "\"content\":\"Hi\"},{\"role\":\"user\",\"content\":\"What's my name?\"}]}";
    assertThat(ask(0, false, body).done().text()).isEqualTo("Your name is Ann.");
  }

  @Test
  void takesItsTimeForEachToken() {
    long start = System.nanoTime();
    RecordedAnswer answer = ask(20, true, user("Repeat: a b c d e"));
    answer.done();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(95));
    assertThat(answer.blocks()).hasSize(5);
    start = System.nanoTime();
    ask(20, false, user("Repeat: a b c d e")).done();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(95));
  }

  @Test
  void pausesAndCancels() {
    DemoProvider provider = new DemoProvider(vertx, 5, CLOCK);
    RecordedAnswer answer = new RecordedAnswer();
    ProviderCall[] call = new ProviderCall[1];
    answer.onEvents(
        block -> {
          if (answer.blocks().size() == 2) {
            call[0].pause();
          }
        });
    vertx.runOnContext(
        v -> call[0] = provider.call(job(true, user("Repeat: a b c d e f g h")), answer));
    await().pollDelay(100, TimeUnit.MILLISECONDS).until(() -> answer.blocks().size() == 2);
    vertx.runOnContext(v -> call[0].resume());
    answer.done();
    assertThat(answer.text()).isEqualTo("a b c d e f g h");

    RecordedAnswer cancelled = new RecordedAnswer();
    cancelled.onEvents(block -> call[0].cancel());
    vertx.runOnContext(
        v -> call[0] = provider.call(job(true, user("Repeat: a b c d e f g h")), cancelled));
    await().pollDelay(100, TimeUnit.MILLISECONDS).until(() -> cancelled.blocks().size() == 1);
    assertThat(cancelled.hasEnded()).isFalse();
  }

  @Test
  void refusesWhatIsNoRequest() {
    assertThat(ask(0, false, "{}").fault().failure()).isEqualTo(Failure.BAD_REQUEST);
    assertThat(ask(0, true, "{").fault().failure()).isEqualTo(Failure.BAD_REQUEST);
  }

  @Test
  void listsItself() {
    assertThat(new DemoProvider(vertx, 0, CLOCK).models().result())
        .containsExactly(new ModelInfo("demo", "demo", "muster", 0, 8192));
  }

  private RecordedAnswer ask(int delayMs, boolean stream, String body) {
    RecordedAnswer answer = new RecordedAnswer();
    DemoProvider provider = new DemoProvider(vertx, delayMs, CLOCK);
    vertx.runOnContext(v -> provider.call(job(stream, body), answer));
    return answer;
  }

  private static String user(String text) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]}";
  }
}
