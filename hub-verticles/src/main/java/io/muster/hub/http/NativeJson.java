package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.muster.hub.chat.OpenTurn;
import io.muster.hub.chat.SessionView;
import io.muster.job.Job;
import io.muster.job.Usage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/** What the hub's own chat interface answers, as JSON. */
final class NativeJson {
  /** Always 24 characters, unlike {@link Instant#toString}. */
  static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final int LONGEST = Integer.toString(Integer.MAX_VALUE).length();

  private final Clock clock;

  NativeJson(Clock clock) {
    this.clock = clock;
  }

  /** What one writes. */
  private interface Members {
    void write(JsonGenerator out) throws IOException;
  }

  /**
   * The whole answer to a message.
   *
   * @param steps of tools, none where the chat uses none
   */
  byte[] answer(
      OpenTurn turn,
      String text,
      String nodeId,
      Job job,
      String finishReason,
      Usage usage,
      ArrayNode steps) {
    return object(
        out -> {
          out.writeStringField("session_id", turn.shownId());
          out.writeStringField("response", text);
          out.writeStringField("worker_id", nodeId);
          out.writeStringField("model", job.model());
          out.writeStringField("finish_reason", finishReason);
          out.writeObjectFieldStart("usage");
          padded(out, "prompt_tokens", usage.promptTokens());
          padded(out, "completion_tokens", usage.completionTokens());
          padded(out, "total_tokens", usage.totalTokens());
          out.writeEndObject();
          if (!steps.isEmpty()) {
            out.writeObjectField("steps", steps);
          }
          out.writeStringField("request_id", job.requestId());
          out.writeStringField("created_at", TIME.format(clock.instant()));
        });
  }

  /**
   * A figure, with blanks after it up to the length of the longest: load tools that speak HTTP/1.0,
   * as ab does, count an answer of another length than the first one as a failure.
   */
  private static void padded(JsonGenerator out, String name, int value) throws IOException {
    String digits = Integer.toString(value);
    out.writeFieldName(name);
    out.writeRawValue(digits + " ".repeat(Math.max(0, LONGEST - digits.length())));
  }

  /** A piece of a stream. */
  byte[] delta(String text) {
    return HttpJson.event(object(out -> out.writeStringField("delta", text)));
  }

  /** A tool that is called, or what it answered: an event by its type. */
  static byte[] step(ObjectNode step) {
    byte[] name = ("event: " + step.path("type").asText() + "\n").getBytes(StandardCharsets.UTF_8);
    byte[] data = HttpJson.event(HttpJson.bytes(step));
    byte[] event = Arrays.copyOf(name, name.length + data.length);
    System.arraycopy(data, 0, event, name.length, data.length);
    return event;
  }

  /** The end of a stream: the whole answer, and the sign that it is whole. */
  static byte[] last(byte[] answer) {
    byte[] event = HttpJson.event(answer);
    byte[] last = new byte[event.length + SseWriter.DONE.length];
    System.arraycopy(event, 0, last, 0, event.length);
    System.arraycopy(SseWriter.DONE, 0, last, event.length, SseWriter.DONE.length);
    return last;
  }

  byte[] session(SessionView session) {
    return object(
        out -> {
          out.writeStringField("session_id", session.shownId());
          out.writeStringField("created_at", time(session.createdAt()));
          out.writeStringField("updated_at", time(session.updatedAt()));
          out.writeNumberField("turn_count", session.turnCount());
          out.writeArrayFieldStart("turns");
          for (SessionView.Turn turn : session.turns()) {
            turn(out, turn);
          }
          out.writeEndArray();
        });
  }

  private static void turn(JsonGenerator out, SessionView.Turn turn) throws IOException {
    out.writeStartObject();
    out.writeNumberField("number", turn.number());
    out.writeStringField("message", turn.message());
    out.writeStringField("response", turn.answer());
    out.writeStringField("worker_id", turn.nodeId());
    out.writeStringField("model", turn.model());
    OpenAiUsage.write(turn.usage(), out);
    out.writeStringField("created_at", time(turn.at()));
    out.writeEndObject();
  }

  byte[] deleted(String sessionId) {
    return object(
        out -> {
          out.writeStringField("session_id", sessionId);
          out.writeBooleanField("deleted", true);
        });
  }

  private static String time(long millis) {
    return TIME.format(Instant.ofEpochMilli(millis));
  }

  private static byte[] object(Members members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = HttpJson.MAPPER.createGenerator(bytes)) {
      out.writeStartObject();
      members.write(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
