package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How the demo model takes part where tools are offered: {@code use the tool echo with {"a": 1}}
 * has it call that tool, several of these in one message several at once, and {@code keep using the
 * tool …} again after every result. What the tools answered it then tells.
 */
final class DemoToolUse {
  private static final Pattern ASKED =
      Pattern.compile(
          "\\b(keep\\s+using|use|call)\\s+the\\s+tool\\s+([A-Za-z0-9_.-]*[A-Za-z0-9_-])"
              + "(\\s*(?:with|:)?\\s*(?=\\{))?",
          Pattern.CASE_INSENSITIVE);

  private DemoToolUse() {}

  /**
   * A call.
   *
   * @param arguments JSON, or whatever stood in its place
   */
  record Call(String name, String arguments) {}

  /**
   * What it calls now.
   *
   * @param answered what tools answered since the user's last message
   * @param offered the names of the tools that it may call
   */
  static List<Call> calls(String asked, List<String> answered, List<String> offered) {
    List<Call> calls = new ArrayList<>();
    Matcher matcher = ASKED.matcher(asked);
    int at = 0;
    while (matcher.find(at)) {
      at = matcher.end();
      String arguments = "{}";
      if (matcher.group(3) != null) {
        arguments = object(asked.substring(at));
        at += arguments.length();
      }
      boolean again = matcher.group(1).toLowerCase(java.util.Locale.ROOT).startsWith("keep");
      if (offered.contains(matcher.group(2)) && (again || answered.isEmpty())) {
        calls.add(new Call(matcher.group(2), arguments));
      }
    }
    return calls;
  }

  /** The JSON object that a text begins with; all of the text where it is none. */
  private static String object(String text) {
    try (JsonParser in = Json.MAPPER.createParser(text)) {
      JsonNode object = in.readValueAsTree();
      return object == null ? text : text.substring(0, (int) in.currentLocation().getCharOffset());
    } catch (IOException e) {
      return text;
    }
  }

  /** What it says once the tools have answered; null where there is nothing to say of tools. */
  static String reply(String asked, List<String> answered, List<String> offered) {
    if (!answered.isEmpty()) {
      return "The tools answered: " + String.join("; ", answered);
    }
    Matcher matcher = ASKED.matcher(asked);
    if (matcher.find()) {
      return offered.isEmpty()
          ? "I was offered no tools."
          : "I was offered no tool %s; there are: %s."
              .formatted(matcher.group(2), String.join(", ", offered));
    }
    return null;
  }
}
