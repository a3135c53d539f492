package io.muster.bench;

import io.muster.bench.load.LoadRequest;
import io.muster.bench.subject.Running;
import io.muster.bench.upstream.ChatAnswers;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;

/**
 * Looks before anything is measured whether a subject answers, and answers right: a fast wrong
 * answer is worth nothing. The load's own check is coarser, for speed.
 */
final class Probe {
  private static final Duration READY_LIMIT = Duration.ofSeconds(60);

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();

  /**
   * Waits until the subject answers, then examines a whole answer and a stream.
   *
   * @throws IllegalStateException if it does not answer within a minute, or answers wrong
   */
  void examine(Running subject) throws InterruptedException {
    String last = "nothing";
    long end = System.nanoTime() + READY_LIMIT.toNanos();
    while (true) {
      subject.requireAlive();
      try {
        HttpResponse<String> answer = ask(subject, LoadRequest.INSTANT);
        last = answer.statusCode() + " " + answer.body();
        if (answer.statusCode() == 200) {
          break;
        }
      } catch (IOException e) {
        last = e.toString();
      }
      if (System.nanoTime() > end) {
        throw new IllegalStateException(subject.name() + " does not answer; last: " + last);
      }
      Thread.sleep(100);
    }
    try {
      requireWhole(ask(subject, LoadRequest.INSTANT).body());
      requireStream(ask(subject, LoadRequest.STREAM).body());
    } catch (IOException | DecodeException | WrongAnswer e) {
      throw new IllegalStateException(subject.name() + " answers wrong: " + e.getMessage(), e);
    }
  }

  private HttpResponse<String> ask(Running subject, LoadRequest question)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + subject.port() + "/v1/chat/completions"))
            .timeout(Duration.ofSeconds(10))
            .header("authorization", "Bearer bench")
            .header("content-type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(question.body()));
    subject.headers().forEach(request::header);
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static void requireWhole(String body) throws WrongAnswer {
    JsonObject answer = new JsonObject(body);
    JsonObject choice = answer.getJsonArray("choices").getJsonObject(0);
    require(choice.getJsonObject("message").getString("content").startsWith("#0 "), "text", body);
    require("stop".equals(choice.getString("finish_reason")), "finish_reason", body);
    require(answer.getJsonObject("usage").getInteger("total_tokens") == 36, "usage", body);
  }

  private static void requireStream(String body) throws WrongAnswer {
    List<String> events =
        body.lines().filter(l -> l.startsWith("data:")).map(l -> l.substring(5).trim()).toList();
    require(!events.isEmpty() && events.get(events.size() - 1).equals("[DONE]"), "[DONE]", body);
    int deltas = 0;
    int ends = 0;
    int usages = 0;
    for (String event : events.subList(0, events.size() - 1)) {
      JsonObject chunk = new JsonObject(event);
      JsonArray choices = chunk.getJsonArray("choices");
      if (choices.isEmpty()) {
        usages++;
        JsonObject usage = chunk.getJsonObject("usage");
        require(usage.getInteger("completion_tokens") == ChatAnswers.DELTAS, "usage", event);
        continue;
      }
      String content = choices.getJsonObject(0).getJsonObject("delta").getString("content");
      if (content != null && !content.isEmpty()) {
        require(content.equals("#" + deltas + " fox"), "delta " + deltas, event);
        deltas++;
      }
      ends += "stop".equals(choices.getJsonObject(0).getString("finish_reason")) ? 1 : 0;
    }
    require(deltas == ChatAnswers.DELTAS, "number of deltas, " + deltas, body);
    require(ends == 1, "number of finish reasons, " + ends, body);
    require(usages == 1, "number of usage chunks, " + usages, body);
  }

  private static void require(boolean right, String what, String where) throws WrongAnswer {
    if (!right) {
      throw new WrongAnswer(what + " in: " + where);
    }
  }

  private static final class WrongAnswer extends Exception {
    private static final long serialVersionUID = 1L;

    WrongAnswer(String message) {
      super(message);
    }
  }
}
