package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Fault;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.IOException;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes OpenAI's chunks out of Anthropic's stream of named events, whose data tell their type too.
 *
 * <pre>
 *   message_start ─▶ (content_block_start ─▶ content_block_delta* ─▶ content_block_stop)*
 *                 ─▶ message_delta ─▶ message_stop          ping and error at any time
 * </pre>
 */
final class AnthropicStream implements ResponseReader, SseParser.Sink {
  private final ModelClient client;
  private final Job job;
  private final Clock clock;
  private final StreamAnswer answer;
  private final SseParser parser;

  /** The tool calls by the index of their block. */
  private final Map<Integer, ToolCall> toolCalls = new HashMap<>();

  private ChunkWriter writer;
  private Usage usage = Usage.NONE;
  private String stopReason;
  private Read last = Read.NOISE;

  private static final class ToolCall {
    final int index;
    boolean hasArguments;

    ToolCall(int index) {
      this.index = index;
    }
  }

  AnthropicStream(ModelClient client, Job job, Clock clock, Answer answer) {
    this.client = client;
    this.job = job;
    this.clock = clock;
    this.answer = new StreamAnswer(client.vertx(), answer);
    this.parser = new SseParser(client.options().maxAnswerBytes(), this);
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
      if (stopReason != null) {
        done();
      } else {
        fail(client.faults().answeredWith("a stream that ends in the middle"));
      }
    }
    return last;
  }

  @Override
  public void event(byte[] data, int from, int to, boolean framed) {
    if (answer.isOver()) {
      return;
    }
    JsonNode event;
    try {
      event = Json.MAPPER.readTree(data, from, to - from);
    } catch (IOException e) {
      fail(client.faults().answeredWith("an event that is not JSON"));
      return;
    }
    String type = event.path("type").asText("");
    switch (type) {
      case "message_start" -> start(event.path("message"));
      case "content_block_start" -> block(event);
      case "content_block_delta" -> delta(event);
      case "content_block_stop" -> blockEnd(event);
      case "message_delta" -> {
        stopReason = event.path("delta").path("stop_reason").asText(stopReason);
        usage = AnthropicMessages.usage(event.path("usage"), usage.promptTokens());
      }
      case "message_stop" -> done();
      case "error" -> fail(client.faults().ofError(event.path("error").toString()));
      default -> {
        // Pings, and what later versions may add.
      }
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

  private void start(JsonNode message) {
    usage = AnthropicMessages.usage(message.path("usage"), 0);
    String id = message.path("id").asText("chatcmpl-" + job.id());
    String model = message.path("model").asText(job.model());
    writer = new ChunkWriter(answer, id, clock.millis() / 1000, model);
    writer.role();
    last = Read.PART;
  }

  private void block(JsonNode event) {
    JsonNode block = event.path("content_block");
    if (block.path("type").asText().equals("tool_use")) {
      ToolCall call = new ToolCall(toolCalls.size());
      toolCalls.put(event.path("index").asInt(), call);
      String id = block.path("id").asText();
      writer().toolCall(call.index, id, block.path("name").asText(), "");
      last = Read.PART;
    } else {
      text(block.path("text").asText(""));
    }
  }

  private void delta(JsonNode event) {
    JsonNode delta = event.path("delta");
    switch (delta.path("type").asText("")) {
      case "text_delta" -> text(delta.path("text").asText(""));
      case "thinking_delta" -> {
        writer().reasoning(delta.path("thinking").asText(""));
        last = Read.PART;
      }
      case "input_json_delta" -> arguments(event, delta.path("partial_json").asText(""));
      default -> {
        // Signatures and citations have no place in OpenAI's chunks.
      }
    }
  }

  private void text(String text) {
    if (!text.isEmpty()) {
      writer().text(text);
      last = Read.PART;
    }
  }

  private void arguments(JsonNode event, String piece) {
    ToolCall call = toolCalls.get(event.path("index").asInt());
    if (call != null && !piece.isEmpty()) {
      call.hasArguments = true;
      writer().toolArguments(call.index, piece);
      last = Read.PART;
    }
  }

  /** A call without arguments is one with an empty object for OpenAI's clients, which parse it. */
  private void blockEnd(JsonNode event) {
    ToolCall call = toolCalls.get(event.path("index").asInt());
    if (call != null && !call.hasArguments) {
      call.hasArguments = true;
      writer().toolArguments(call.index, "{}");
    }
  }

  private ChunkWriter writer() {
    if (writer == null) {
      start(Json.MAPPER.createObjectNode());
    }
    return writer;
  }

  private void done() {
    last = Read.COMPLETE;
    String reason = AnthropicMessages.finishReason(stopReason == null ? "" : stopReason);
    writer().finish(reason);
    last = Read.COMPLETE;
    answer.done(reason, usage);
  }
}
