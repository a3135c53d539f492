package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.muster.job.Usage;
import java.io.IOException;
import java.io.StringWriter;

/**
 * What Muster reads of OpenAI's chat completion, or of a chunk of one, in one pass.
 *
 * @param finishReason the first one set, or null
 * @param usage null when it is not said
 * @param choices how many
 * @param error the error object (or text) as JSON, null when there is none
 */
record CompletionFacts(String finishReason, Usage usage, int choices, String error) {

  /**
   * Reads them.
   *
   * @throws IOException when it is not a JSON object
   */
  static CompletionFacts read(byte[] json, int from, int to) throws IOException {
    try (JsonParser parser = Json.FACTORY.createParser(json, from, to - from)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("no JSON object");
      }
      Reader reader = new Reader(parser);
      reader.read();
      if (reader.error == null && reader.objectIsError) {
        // vLLM's older form: the error's members beside "object": "error".
        reader.error = new String(json, from, to - from, java.nio.charset.StandardCharsets.UTF_8);
      }
      return new CompletionFacts(reader.finishReason, reader.usage, reader.choices, reader.error);
    }
  }

  private static final class Reader {
    private final JsonParser parser;
    private String finishReason;
    private Usage usage;
    private int choices;
    private String error;
    private boolean objectIsError;

    Reader(JsonParser parser) {
      this.parser = parser;
    }

    void read() throws IOException {
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken value = parser.nextToken();
        switch (name) {
          case "choices" -> choices(value);
          case "usage" -> usage(value);
          case "error" -> error(value);
          case "object" ->
              objectIsError = value == JsonToken.VALUE_STRING && "error".equals(parser.getText());
          default -> parser.skipChildren();
        }
      }
      if (!parser.hasToken(JsonToken.END_OBJECT)) {
        throw new IOException("the JSON object is cut");
      }
    }

    private void choices(JsonToken value) throws IOException {
      if (value != JsonToken.START_ARRAY) {
        parser.skipChildren();
        return;
      }
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        choices++;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
          JsonToken member = parser.nextToken();
          if (name.equals("finish_reason") && member == JsonToken.VALUE_STRING) {
            if (finishReason == null) {
              finishReason = parser.getText();
            }
          } else {
            parser.skipChildren();
          }
        }
      }
    }

    private void usage(JsonToken value) throws IOException {
      if (value != JsonToken.START_OBJECT) {
        parser.skipChildren();
        return;
      }
      int prompt = -1;
      int completion = -1;
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        JsonToken member = parser.nextToken();
        if (member == JsonToken.VALUE_NUMBER_INT && name.equals("prompt_tokens")) {
          prompt = parser.getIntValue();
        } else if (member == JsonToken.VALUE_NUMBER_INT && name.equals("completion_tokens")) {
          completion = parser.getIntValue();
        } else {
          parser.skipChildren();
        }
      }
      if (prompt >= 0 || completion >= 0) {
        usage = new Usage(Math.max(0, prompt), Math.max(0, completion), false);
      }
    }

    private void error(JsonToken value) throws IOException {
      if (value == JsonToken.VALUE_NULL) {
        return;
      }
      StringWriter text = new StringWriter();
      try (JsonGenerator generator = Json.FACTORY.createGenerator(text)) {
        generator.copyCurrentStructure(parser);
      }
      error = text.toString();
    }
  }
}
