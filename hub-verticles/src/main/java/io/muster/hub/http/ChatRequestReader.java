package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;

/**
 * Reads OpenAI's chat completion request in one pass without building anything of it: checks the
 * types of the fields that it knows, and takes out what routing needs. What values make sense is
 * the provider's business; fields that are not known here are left to it too.
 */
final class ChatRequestReader {
  private final JsonFactory factory;
  private final int maxDepth;

  ChatRequestReader(int maxDepth) {
    this.maxDepth = maxDepth;
    // A name twice would mean one thing to the hub and another to the provider: refused. The
    // document's size is bounded before it comes here.
    factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(maxDepth)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(400)
                    .maxNameLength(4096)
                    .build())
            .build();
  }

  /**
   * Reads a body; may run on any thread.
   *
   * @param body UTF-8
   * @throws ApiException 400, naming the field that is wrong or the place where the JSON is
   */
  ChatRequest read(byte[] body) {
    if (body.length == 0) {
      throw invalid(null, "The body is empty: it has to be a JSON object.");
    }
    if (body[0] == 0 || (body.length > 1 && body[1] == 0)) {
      throw invalid(null, "The body has to be UTF-8.");
    }
    try (JsonParser in = factory.createParser(body)) {
      return new Pass(in, body).request();
    } catch (StreamConstraintsException e) {
      throw invalid(null, "The JSON is beyond a limit: " + said(e));
    } catch (JsonProcessingException e) {
      throw invalid(null, "The body is not valid JSON: " + said(e) + at(e.getLocation()));
    } catch (IOException e) {
      throw invalid(null, "The body cannot be read: " + e.getMessage());
    }
  }

  private String said(JsonProcessingException e) {
    String message = e.getOriginalMessage();
    return message.contains("nesting depth")
        ? "it is nested deeper than " + maxDepth + " levels."
        : message;
  }

  private static String at(JsonLocation location) {
    return location == null
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
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
    private long promptStart;
    private long promptEnd;

    Pass(JsonParser in, byte[] body) {
      this.in = in;
      this.fields = new Fields(in);
      this.body = body;
    }

    ChatRequest request() throws IOException {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw invalid(
            null, "The body has to be a JSON object, not " + Fields.kind(in.currentToken()) + ".");
      }
      String name;
      while ((name = in.nextFieldName()) != null) {
        in.nextToken();
        member(name);
      }
      if (in.currentToken() != JsonToken.END_OBJECT) {
        throw invalid(null, "The body is not a whole JSON object.");
      }
      if (in.nextToken() != null) {
        throw invalid(
            null, "Something follows the JSON object" + at(in.currentTokenLocation()) + ".");
      }
      if (!messages) {
        throw invalid("messages", "'messages' is missing: an array of at least one message.");
      }
      return new ChatRequest(model, stream, includeUsage, affinity());
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
