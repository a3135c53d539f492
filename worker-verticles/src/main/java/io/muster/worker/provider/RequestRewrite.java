package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts {@code model}, {@code stream} and {@code stream_options} of a chat request right and leaves
 * every other byte as the client wrote it. One pass finds where the three members are; a request
 * that needs no change is sent as it is.
 */
final class RequestRewrite {
  private static final byte[] TRUE = ascii("true");
  private static final byte[] FALSE = ascii("false");
  private static final byte[] OPTIONS = ascii("{\"include_usage\":true}");
  private static final byte[] NOTHING = {};

  private final byte[] body;
  private final String model;
  private final boolean stream;
  private final boolean askUsage;
  private final List<Edit> edits = new ArrayList<>(3);

  private record Edit(int from, int to, byte[] text) {}

  private RequestRewrite(byte[] body, String model, boolean stream, boolean askUsage) {
    this.body = body;
    this.model = model;
    this.stream = stream;
    this.askUsage = askUsage;
  }

  /**
   * The request as it goes to the server.
   *
   * @param askUsage whether a stream is asked to say its usage at its end
   * @throws FaultException {@link Failure#BAD_REQUEST} when the body is no JSON object
   */
  static byte[] apply(byte[] body, String model, boolean stream, boolean askUsage) {
    RequestRewrite rewrite = new RequestRewrite(body, model, stream, askUsage && stream);
    try {
      rewrite.find();
    } catch (IOException e) {
      throw new FaultException(Failure.BAD_REQUEST, "the request is not valid JSON");
    }
    return rewrite.result();
  }

  private void find() throws IOException {
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new FaultException(Failure.BAD_REQUEST, "the request is not a JSON object");
      }
      int open = end(parser);
      int kept = 0;
      boolean hasModel = false;
      boolean hasStream = false;
      boolean hasOptions = false;
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        kept++;
        // Only these are looked at: a location is an object, and a request has many members.
        switch (name) {
          case "model" -> {
            hasModel = true;
            model(parser);
          }
          case "stream" -> {
            hasStream = true;
            stream(parser);
          }
          case "stream_options" -> {
            hasOptions = true;
            kept -= askUsage ? 0 : 1;
            options(parser, start(parser), open);
          }
          default -> {
            parser.nextToken();
            parser.skipChildren();
          }
        }
      }
      StringBuilder missing = new StringBuilder(0);
      if (!hasModel) {
        missing.append("\"model\":").append(quoted(model)).append(',');
      }
      if (!hasStream && stream) {
        missing.append("\"stream\":true,");
      }
      if (!hasOptions && askUsage) {
        missing.append("\"stream_options\":{\"include_usage\":true},");
      }
      if (missing.length() > 0) {
        if (kept == 0) {
          missing.setLength(missing.length() - 1);
        }
        edits.add(0, new Edit(open, open, missing.toString().getBytes(StandardCharsets.UTF_8)));
      }
    }
  }

  private void model(JsonParser parser) throws IOException {
    JsonToken value = parser.nextToken();
    if (value == JsonToken.VALUE_STRING && model.equals(parser.getText())) {
      return;
    }
    replaceValue(parser, quoted(model).getBytes(StandardCharsets.UTF_8));
  }

  private void stream(JsonParser parser) throws IOException {
    JsonToken value = parser.nextToken();
    boolean right =
        stream
            ? value == JsonToken.VALUE_TRUE
            : value == JsonToken.VALUE_FALSE || value == JsonToken.VALUE_NULL;
    if (!right) {
      replaceValue(parser, stream ? TRUE : FALSE);
    }
  }

  private void options(JsonParser parser, int keyFrom, int open) throws IOException {
    JsonToken value = parser.nextToken();
    if (!askUsage) {
      // OpenAI refuses stream_options without a stream.
      parser.skipChildren();
      remove(keyFrom, end(parser), open);
    } else if (value != JsonToken.START_OBJECT) {
      replaceValue(parser, OPTIONS);
    } else {
      includeUsage(parser);
    }
  }

  private void includeUsage(JsonParser parser) throws IOException {
    int inside = end(parser);
    boolean empty = true;
    boolean found = false;
    for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
      empty = false;
      JsonToken value = parser.nextToken();
      if (name.equals("include_usage")) {
        found = true;
        if (value != JsonToken.VALUE_TRUE) {
          replaceValue(parser, TRUE);
        }
      } else {
        parser.skipChildren();
      }
    }
    if (!found) {
      edits.add(
          new Edit(
              inside, inside, ascii(empty ? "\"include_usage\":true" : "\"include_usage\":true,")));
    }
  }

  private void replaceValue(JsonParser parser, byte[] text) throws IOException {
    int from = start(parser);
    parser.finishToken();
    parser.skipChildren();
    edits.add(new Edit(from, end(parser), text));
  }

  /** Takes a member out together with one of the commas beside it. */
  private void remove(int keyFrom, int valueTo, int open) {
    int to = skipSpace(valueTo);
    if (to < body.length && body[to] == ',') {
      edits.add(new Edit(keyFrom, to + 1, NOTHING));
      return;
    }
    int from = keyFrom;
    while (from > open && body[from - 1] != ',') {
      from--;
    }
    edits.add(new Edit(from > open ? from - 1 : keyFrom, valueTo, NOTHING));
  }

  private int skipSpace(int from) {
    int at = from;
    while (at < body.length && body[at] >= 0 && body[at] <= ' ') {
      at++;
    }
    return at;
  }

  private byte[] result() {
    if (edits.isEmpty()) {
      return body;
    }
    int length = body.length;
    for (Edit edit : edits) {
      length += edit.text.length - (edit.to - edit.from);
    }
    byte[] result = new byte[length];
    int from = 0;
    int at = 0;
    for (Edit edit : edits) {
      System.arraycopy(body, from, result, at, edit.from - from);
      at += edit.from - from;
      System.arraycopy(edit.text, 0, result, at, edit.text.length);
      at += edit.text.length;
      from = edit.to;
    }
    System.arraycopy(body, from, result, at, body.length - from);
    return result;
  }

  private static int start(JsonParser parser) {
    return (int) parser.currentTokenLocation().getByteOffset();
  }

  private static int end(JsonParser parser) {
    return (int) parser.currentLocation().getByteOffset();
  }

  private static String quoted(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
