package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;
import java.time.Clock;

/** Makes OpenAI's chunks out of Ollama's stream, one JSON object a line, the last one done. */
final class OllamaStream implements ResponseReader, LineParser.Sink {
  private final ModelClient client;
  private final Job job;
  private final StreamAnswer answer;
  private final ChunkWriter writer;
  private final LineParser parser;
  private Read last = Read.NOISE;
  private int toolCalls;
  private int pieces;
  private int estimated;

  OllamaStream(ModelClient client, Job job, Clock clock, Answer answer) {
    this.client = client;
    this.job = job;
    this.answer = new StreamAnswer(client.vertx(), answer);
    this.writer =
        new ChunkWriter(this.answer, "chatcmpl-" + job.id(), clock.millis() / 1000, job.model());
    this.parser = new LineParser(client.options().maxAnswerBytes(), this);
  }

  @Override
  public Read read(byte[] bytes) {
    last = Read.NOISE;
    parser.feed(bytes);
    return last;
  }

  @Override
  public Read end() {
    parser.end();
    if (!answer.isOver()) {
      fail(client.faults().answeredWith("a stream that ends in the middle"));
    }
    return last;
  }

  @Override
  public void line(byte[] bytes, int from, int to) {
    if (answer.isOver()) {
      return;
    }
    JsonNode reply;
    try {
      reply = Json.MAPPER.readTree(bytes, from, to - from);
    } catch (IOException e) {
      fail(client.faults().answeredWith("a line that is not JSON"));
      return;
    }
    if (reply.has("error")) {
      fail(client.faults().ofError(reply.get("error").toString()));
      return;
    }
    message(reply.path("message"));
    if (reply.path("done").asBoolean(false)) {
      done(reply);
    }
  }

  @Override
  public void fail(Fault fault) {
    last = Read.BROKEN;
    answer.failed(fault);
  }

  @Override
  public void cancelled() {
    answer.cancelled();
  }

  private void message(JsonNode message) {
    last = Read.PART;
    String thinking = message.path("thinking").asText("");
    if (!thinking.isEmpty()) {
      writer.reasoning(thinking);
      count(thinking);
    }
    String text = message.path("content").asText("");
    if (!text.isEmpty()) {
      writer.text(text);
      count(text);
    }
    for (JsonNode call : message.path("tool_calls")) {
      String arguments = OllamaReply.arguments(call);
      writer.toolCall(
          toolCalls,
          OllamaReply.toolCallId(call, job, toolCalls),
          call.path("function").path("name").asText(),
          arguments);
      toolCalls++;
      count(arguments);
    }
  }

  private void count(String text) {
    pieces++;
    estimated += TokenEstimate.of(text);
  }

  private void done(JsonNode reply) {
    Usage usage = OllamaReply.usage(reply, job);
    if (usage == null) {
      usage = new Usage(TokenEstimate.ofMessages(job.body()), Math.max(pieces, estimated), true);
    }
    String reason = OllamaReply.finishReason(reply, toolCalls > 0);
    writer.finish(reason);
    last = Read.COMPLETE;
    answer.done(reason, usage);
  }
}
