package io.muster.worker.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Fault;
import io.muster.job.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Keeps what a provider answers; told on the event loop, asked by tests. */
final class RecordedAnswer implements Answer {
  record Done(String finishReason, Usage usage, byte[] body) {
    JsonNode json() {
      return parse(new String(body, UTF_8));
    }

    String text() {
      return json().at("/choices/0/message/content").asText();
    }
  }

  private final List<String> blocks = new ArrayList<>();
  private int count;
  private int ends;
  private final CompletableFuture<Object> end = new CompletableFuture<>();
  private volatile Consumer<String> onEvents = block -> {};

  @Override
  public synchronized void events(byte[] events, int number) {
    if (end.isDone()) {
      throw new AssertionError("events after the end");
    }
    String block = new String(events, UTF_8);
    blocks.add(block);
    count += number;
    if (block.split("\n\n", -1).length - 1 != number) {
      throw new AssertionError(number + " events said, but: " + block);
    }
    onEvents.accept(block);
  }

  @Override
  public synchronized void done(String finishReason, Usage usage, byte[] body) {
    ends++;
    end.complete(new Done(finishReason, usage, body));
  }

  @Override
  public synchronized void failed(Fault fault) {
    ends++;
    end.complete(fault);
  }

  void onEvents(Consumer<String> told) {
    onEvents = told;
  }

  Done done() {
    return end(Done.class);
  }

  Fault fault() {
    return end(Fault.class);
  }

  boolean hasEnded() {
    return end.isDone();
  }

  synchronized int ends() {
    return ends;
  }

  synchronized int count() {
    return count;
  }

  synchronized List<String> blocks() {
    return List.copyOf(blocks);
  }

  /** All events as one text. */
  synchronized String events() {
    return String.join("", blocks);
  }

  /** The data of all events as JSON. */
  List<JsonNode> chunks() {
    List<JsonNode> chunks = new ArrayList<>();
    for (String event : events().split("\n\n", 0)) {
      if (!event.isEmpty()) {
        if (!event.startsWith("data: {") || event.contains("\n")) {
          throw new AssertionError("no event on one line: " + event);
        }
        chunks.add(parse(event.substring(6)));
      }
    }
    return chunks;
  }

  /** The text of all deltas. */
  String text() {
    StringBuilder text = new StringBuilder();
    chunks().forEach(c -> text.append(c.at("/choices/0/delta/content").asText("")));
    return text.toString();
  }

  private <T> T end(Class<T> type) {
    try {
      Object result = end.get(10, TimeUnit.SECONDS);
      if (!type.isInstance(result)) {
        throw new AssertionError("ended with " + result);
      }
      return type.cast(result);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError("no end; so far " + blocks(), e);
    }
  }

  static JsonNode parse(String json) {
    try {
      return Json.MAPPER.readTree(json);
    } catch (IOException e) {
      throw new UncheckedIOException(json, e);
    }
  }
}
