package io.muster.worker.provider;

import com.fasterxml.jackson.databind.JsonNode;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the demo model reads of a chat request.
 *
 * @param users what the user said, oldest first
 * @param promptTokens of all messages
 * @param maxTokens of the answer
 * @param stops texts before which the answer ends
 */
record DemoRequest(List<String> users, int promptTokens, int maxTokens, List<String> stops) {

  /**
   * Reads OpenAI's request.
   *
   * @throws FaultException {@link Failure#BAD_REQUEST} when it is none
   */
  static DemoRequest read(byte[] body) {
    JsonNode request;
    try {
      request = Json.MAPPER.readTree(body);
    } catch (IOException e) {
      throw new FaultException(Failure.BAD_REQUEST, "the request is not valid JSON");
    }
    if (request == null || !request.path("messages").isArray()) {
      throw new FaultException(Failure.BAD_REQUEST, "messages: an array is expected");
    }
    List<String> users = new ArrayList<>();
    int promptTokens = 0;
    for (JsonNode message : request.path("messages")) {
      String text = text(message.path("content"));
      promptTokens += DemoTokens.count(text);
      if (message.path("role").asText().equals("user")) {
        users.add(text);
      }
    }
    int most =
        request
            .path("max_completion_tokens")
            .asInt(request.path("max_tokens").asInt(Integer.MAX_VALUE));
    return new DemoRequest(users, promptTokens, Math.max(1, most), stops(request.path("stop")));
  }

  private static String text(JsonNode content) {
    if (!content.isArray()) {
      return content.asText("");
    }
    StringBuilder text = new StringBuilder();
    for (JsonNode part : content) {
      text.append(part.path("text").asText(""));
    }
    return text.toString();
  }

  private static List<String> stops(JsonNode stop) {
    List<String> stops = new ArrayList<>();
    if (stop.isTextual()) {
      stops.add(stop.asText());
    }
    for (JsonNode each : stop) {
      stops.add(each.asText(""));
    }
    stops.removeIf(String::isEmpty);
    return stops;
  }
}
