package io.muster.hub.tool;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A conversation as the model sees it: OpenAI's request, to which the fleet's tools were added, and
 * to which what was called and answered is added round by round. Tools of the client's own stay
 * what they are; where one has the name of a tool of the fleet, the client's counts.
 */
final class ToolTalk {
  static final ObjectMapper MAPPER = new ObjectMapper();
  private static final int LONGEST_NAME = 64;

  private final ObjectNode request;
  private final ArrayNode messages;
  private final Set<String> own = new HashSet<>();

  /** By the names that the model knows them by. */
  private final Map<String, String> offered = new TreeMap<>();

  ToolTalk(ObjectNode request, List<Offered> tools) {
    this.request = request;
    this.messages = (ArrayNode) request.get("messages");
    request.remove("muster");
    for (JsonNode tool : request.path("tools")) {
      own.add(tool.path("function").path("name").asText(""));
    }
    if (!tools.isEmpty()) {
      ArrayNode all =
          request.get("tools") instanceof ArrayNode there ? there : request.putArray("tools");
      for (Offered tool : tools) {
        String name = nameOf(tool.name());
        if (offered.containsKey(name)) {
          // Another tool's, once both are written in the letters that models take.
          name = distinct(name, tool.name());
        }
        if (!own.contains(name) && offered.putIfAbsent(name, tool.name()) == null) {
          ObjectNode function = all.addObject().put("type", "function").putObject("function");
          function.put("name", name);
          function.put("description", tool.description());
          function.set("parameters", MAPPER.valueToTree(tool.schema()));
        }
      }
    }
  }

  /** Whether the client itself has this tool. */
  boolean isOwn(String name) {
    return own.contains(name);
  }

  /** Nodes may call their tools what they like; model servers take no other characters. */
  private static String nameOf(String tool) {
    String name = tool.replaceAll("[^A-Za-z0-9_-]", "_");
    return name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) : name;
  }

  private static String distinct(String name, String tool) {
    String mark = "_" + Integer.toHexString(tool.hashCode());
    return name.substring(0, Math.min(name.length(), LONGEST_NAME - mark.length())) + mark;
  }

  /** The tool of the fleet that the model means, null where it may not call such a one. */
  String toolOf(String name) {
    return offered.get(name);
  }

  /** The names of the fleet's tools that it may call, for the model that took another. */
  String names() {
    return offered.isEmpty() ? "none" : String.join(", ", offered.keySet());
  }

  /** What the model said. */
  void said(String text, List<CallParts.Call> calls) {
    ObjectNode message = messages.addObject().put("role", "assistant");
    message.put("content", text.isEmpty() ? null : text);
    ArrayNode list = message.putArray("tool_calls");
    for (CallParts.Call call : calls) {
      addCall(list, call, isObject(call.arguments()) ? call.arguments() : "{}");
    }
  }

  /** What a tool answered. */
  void answered(CallParts.Call call, String text) {
    messages.addObject().put("role", "tool").put("tool_call_id", call.id()).put("content", text);
  }

  /** From here on the model has to answer without calling. */
  void lastRound() {
    request.put("tool_choice", "none");
  }

  /** A wish for a certain tool counts for the first round: else it would be called for ever. */
  void anotherRound() {
    JsonNode choice = request.path("tool_choice");
    if (choice.isObject() || choice.asText("").equals("required")) {
      request.put("tool_choice", "auto");
    }
  }

  byte[] body() {
    try {
      return MAPPER.writeValueAsBytes(request);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree is always JSON", e);
    }
  }

  static ObjectNode addCall(ArrayNode list, CallParts.Call call, String arguments) {
    ObjectNode one = list.addObject().put("id", call.id()).put("type", "function");
    one.putObject("function").put("name", call.name()).put("arguments", arguments);
    return one;
  }

  /** The arguments as an object; none at all count as an empty one. Null where they are none. */
  static JsonObject arguments(String text) {
    if (text.isBlank()) {
      return new JsonObject();
    }
    return isObject(text) ? new JsonObject(Buffer.buffer(text)) : null;
  }

  private static boolean isObject(String text) {
    try {
      JsonNode tree =
          MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).readTree(text);
      return tree != null && tree.isObject();
    } catch (IOException e) {
      return false;
    }
  }
}
