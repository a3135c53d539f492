package io.muster.hub.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.bus.Failure;
import io.muster.bus.Fault;
import io.muster.hub.dispatch.JobListener;
import io.muster.job.Frame;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Passes a job's answer on in Ollama's form, whole or line by line. */
final class OllamaWriter implements JobListener {
  private final Exchange exchange;
  private final OllamaJson json;
  private final String model;
  private final ToolCallParts toolCalls = new ToolCallParts();
  private final long startedNanos = System.nanoTime();
  private ClientStream stream;
  private long firstNanos;
  private String finishReason;

  OllamaWriter(Exchange exchange, OllamaJson json, String model) {
    this.exchange = exchange;
    this.json = json;
    this.model = model;
  }

  /** Answers line by line. */
  OllamaWriter streaming(ClientStream to) {
    stream = to;
    return this;
  }

  @Override
  public void started(String nodeId) {
    exchange.worker(nodeId);
  }

  @Override
  public void delta(Frame.Delta delta) {
    if (stream == null || stream.over()) {
      return;
    }
    if (firstNanos == 0) {
      firstNanos = System.nanoTime() - startedNanos;
    }
    boolean written = false;
    try {
      for (Answers.Part part : Answers.chunks(delta.events())) {
        toolCalls.add(part.toolCalls());
        if (part.finishReason() != null) {
          finishReason = part.finishReason();
        }
        if (!part.content().isEmpty() || !part.thinking().isEmpty()) {
          stream.write(json.piece(model, part.content(), part.thinking(), null), written ? 0 : 1);
          written = true;
        }
      }
    } catch (IOException e) {
      unreadable();
      return;
    }
    if (!written) {
      stream.skip(1);
    }
  }

  @Override
  public void done(Frame.Done done) {
    String reason = finishReason == null ? done.finishReason() : finishReason;
    long took = System.nanoTime() - startedNanos;
    if (stream == null) {
      whole(done, took);
      return;
    }
    ArrayNode calls = toolCalls.asOllama();
    if (!calls.isEmpty()) {
      stream.write(json.piece(model, "", "", calls), 0);
    }
    stream.end(OllamaJson.line(json.last(model, reason, done.usage(), firstNanos, took)));
  }

  private void whole(Frame.Done done, long took) {
    if (done.body() == null) {
      unreadable();
      return;
    }
    Answers.Part part;
    try {
      part = Answers.whole(done.body());
    } catch (IOException e) {
      unreadable();
      return;
    }
    String reason = part.finishReason() == null ? done.finishReason() : part.finishReason();
    ObjectNode answer = json.last(model, reason, done.usage(), 0, took);
    toolCalls.add(part.toolCalls());
    json.message(answer, part.content(), part.thinking(), toolCalls.asOllama());
    exchange.answer(Buffer.buffer(HttpJson.bytes(answer)));
  }

  @Override
  public void failed(Fault fault, boolean begun) {
    ApiError error = ApiError.of(fault);
    if (stream == null) {
      exchange.fail(error);
    } else {
      byte[] line = ErrorBody.PLAIN.bytes(error, exchange.requestId());
      stream.fail(
          error,
          (new String(line, StandardCharsets.UTF_8) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private void unreadable() {
    failed(Fault.of(Failure.PROVIDER_ERROR, "The model server's answer cannot be read."), true);
  }
}
