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
 * @param answered what tools answered since the last of these
 * @param tools the names of those that may be called
 * @param promptTokens of all messages
 * @param maxTokens of the answer
 * @param stops texts before which the answer ends
 */
record DemoRequest(
    List<String> users,
    List<String> answered,
    List<String> tools,
    int promptTokens,
    int maxTokens,
    List<String> stops) {

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
    List<String> answered = new ArrayList<>();
    int promptTokens = 0;
    for (JsonNode message : request.path("messages")) {
      String text = text(message.path("content"));
      promptTokens += DemoTokens.count(text);
      if (message.path("role").asText().equals("user")) {
        users.add(text);
        answered.clear();
      } else if (message.path("role").asText().equals("tool")) {
        answered.add(text);
      }
    }
    int most =
        request
            .path("max_completion_tokens")
            .asInt(request.path("max_tokens").asInt(Integer.MAX_VALUE));
    return new DemoRequest(
        users,
        answered,
        tools(request),
        promptTokens,
        Math.max(1, most),
        stops(request.path("stop")));
  }

  private static List<String> tools(JsonNode request) {
    List<String> names = new ArrayList<>();
    if (!request.path("tool_choice").asText().equals("none")) {
      for (JsonNode tool : request.path("tools")) {
        names.add(tool.path("function").path("name").asText());
      }
    }
    return names;
  }

  /** The user's last words. */
  String last() {
    return users.isEmpty() ? "" : users.get(users.size() - 1);
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
