package io.muster.hub.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads OpenAI's answers and chunks for the interfaces that answer in another form. */
public final class Answers {
  private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

  private Answers() {}

  /**
   * What one answer or one chunk of it says.
   *
   * @param content never null
   * @param thinking what the model thought aloud, never null
   * @param toolCalls an array, or missing
   * @param finishReason null while it goes on
   * @param muster what the hub itself says beside it, or missing
   */
  public record Part(
      String content, String thinking, JsonNode toolCalls, String finishReason, JsonNode muster) {
    private static Part of(JsonNode answer, String member) {
      JsonNode choice = answer.path("choices").path(0);
      JsonNode message = choice.path(member);
      JsonNode reasoning =
          message.hasNonNull("reasoning_content")
              ? message.get("reasoning_content")
              : message.path("reasoning");
      return new Part(
          text(message.path("content")),
          text(reasoning),
          message.hasNonNull("tool_calls") ? message.get("tool_calls") : MissingNode.getInstance(),
          choice.path("finish_reason").asText(null),
          answer.path("muster"));
    }

    private static String text(JsonNode content) {
      if (content.isTextual()) {
        return content.textValue();
      }
      StringBuilder text = new StringBuilder();
      for (JsonNode part : content) {
        text.append(part.path("text").asText(""));
      }
      return text.toString();
    }
  }

  /** The first choice of a whole answer. */
  public static Part whole(byte[] body) throws IOException {
    return Part.of(HttpJson.MAPPER.readTree(body), "message");
  }

  /** The first choices of a block of chunks, {@code data: {…}\n\n} each. */
  public static List<Part> chunks(byte[] events) throws IOException {
    List<Part> parts = new ArrayList<>(2);
    int start = 0;
    while (start < events.length) {
      int end = endOfLine(events, start);
      if (isData(events, start, end)) {
        int from = start + DATA.length;
        JsonNode chunk = HttpJson.MAPPER.readTree(events, from, end - from);
        if (chunk.path("choices").has(0)) {
          parts.add(Part.of(chunk, "delta"));
        }
      }
      start = end + 1;
    }
    return parts;
  }

  private static int endOfLine(byte[] events, int from) {
    int end = from;
    while (end < events.length && events[end] != '\n') {
      end++;
    }
    return end;
  }

  private static boolean isData(byte[] events, int from, int to) {
    if (to - from <= DATA.length) {
      return false;
    }
    for (int i = 0; i < DATA.length; i++) {
      if (events[from + i] != DATA[i]) {
        return false;
      }
    }
    return true;
  }
}
