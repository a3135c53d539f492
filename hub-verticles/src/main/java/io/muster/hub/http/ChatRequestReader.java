package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Reads OpenAI's chat completion request in one pass without building anything of it: checks the
 * types of the fields that it knows, and takes out what routing needs. What values make sense is
 * the provider's business; fields that are not known here are left to it too.
 */
final class ChatRequestReader {
  private final JsonInput input;

  ChatRequestReader(JsonInput input) {
    this.input = input;
  }

  /**
   * Reads a body; may run on any thread.
   *
   * @param body UTF-8
   * @throws ApiException 400, naming the field that is wrong or the place where the JSON is
   */
  ChatRequest read(byte[] body) {
    return input.read(body, in -> new Pass(in, body).request());
  }

  private static ApiException invalid(String param, String message) {
    return ApiError.invalid(param, message).asException();
  }

  /** One reading of one body. */
  private static final class Pass {
    private final JsonParser in;
    private final Fields fields;
    private final byte[] body;
    private String model;
    private boolean stream;
    private boolean includeUsage;
    private boolean messages;
    private String session;
    private String cacheKey;
    private String user;
    private ToolWish tools;
    private long promptStart;
    private long promptEnd;

    Pass(JsonParser in, byte[] body) {
      this.in = in;
      this.fields = new Fields(in);
      this.body = body;
    }

    ChatRequest request() throws IOException {
      String name;
      while ((name = in.nextFieldName()) != null) {
        in.nextToken();
        member(name);
      }
      if (!messages) {
        throw invalid("messages", "'messages' is missing: an array of at least one message.");
      }
      return new ChatRequest(model, stream, includeUsage, affinity(), tools);
    }

    private void member(String name) throws IOException {
      switch (name) {
        case "model" -> model = model();
        case "messages" -> messages();
        case "stream" -> stream = fields.bool(name);
        case "stream_options" -> streamOptions();
        case "session_id" -> session = fields.string(name);
        case "prompt_cache_key" -> cacheKey = fields.string(name);
        case "user" -> user = fields.string(name);
        case "n" -> fields.integerFrom(name, 1);
        case "max_tokens", "max_completion_tokens", "seed", "top_logprobs" -> fields.integer(name);
        case "temperature", "top_p", "presence_penalty", "frequency_penalty" -> fields.number(name);
        case "logprobs", "parallel_tool_calls", "store" -> fields.bool(name);
        case "service_tier", "reasoning_effort", "safety_identifier" -> fields.string(name);
        case "response_format", "logit_bias", "metadata", "audio" -> fields.object(name);
        case "stop" -> fields.stringOrStrings(name);
        case "modalities" -> fields.strings(name);
        case "tools", "functions" -> fields.objects(name);
        case "muster" -> muster();
        case "tool_choice", "function_call" -> fields.stringOrObject(name);
        default -> in.skipChildren();
      }
    }

    private String model() throws IOException {
      String value = fields.string("model");
      if (value != null && (value.isBlank() || value.length() > 256)) {
        throw invalid("model", "'model' has to have 1 to 256 characters.");
      }
      return value;
    }

    /** What is asked of the hub, not of the model: it goes no further. */
    private void muster() throws IOException {
      tools = ToolWish.NONE;
      if (!fields.begunObject("muster")) {
        return;
      }
      String name;
      while ((name = in.nextFieldName()) != null) {
        in.nextToken();
        if (!name.equals("tools")) {
          throw invalid(
              "muster." + name, "'muster." + name + "' is no field here; there is tools.");
        }
        ToolWish wish = ToolWish.of(HttpJson.MAPPER.readTree(in), "muster.tools");
        tools = wish == null ? ToolWish.NONE : wish;
      }
    }

    private void streamOptions() throws IOException {
      if (!fields.begunObject("stream_options")) {
        return;
      }
      String name;
      while ((name = in.nextFieldName()) != null) {
        in.nextToken();
        if (name.equals("include_usage")) {
          includeUsage = fields.bool("stream_options.include_usage");
        } else {
          in.skipChildren();
        }
      }
    }

    private void messages() throws IOException {
      if (in.currentToken() != JsonToken.START_ARRAY) {
        throw fields.wrong("messages", "an array of messages");
      }
      messages = true;
      promptStart = in.currentTokenLocation().getByteOffset();
      MessageReader reader = new MessageReader(in, fields);
      int count = 0;
      while (in.nextToken() == JsonToken.START_OBJECT) {
        boolean ofUser = reader.read(count++);
        if (ofUser && promptEnd == 0) {
          promptEnd = in.currentLocation().getByteOffset();
        }
      }
      if (in.currentToken() != JsonToken.END_ARRAY) {
        throw fields.wrong("messages[" + count + "]", "an object with 'role' and 'content'");
      }
      if (count == 0) {
        throw invalid("messages", "'messages' is empty: at least one message is needed.");
      }
      if (promptEnd == 0) {
        promptEnd = in.currentLocation().getByteOffset();
      }
    }

    /**
     * What the client names its conversation by, else the prompt up to its first user message: that
     * stays the same while the conversation goes on.
     */
    private String affinity() {
      if (session != null) {
        return Affinity.session(session);
      }
      if (cacheKey != null) {
        return Affinity.named(cacheKey);
      }
      return user != null
          ? Affinity.named(user)
          : Affinity.prompt(body, (int) promptStart, (int) promptEnd);
    }
  }
}
