package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/**
 * Parses what clients send: one JSON object, within limits, and says where it is wrong. May be used
 * on any thread.
 */
final class JsonInput {
  private final ObjectMapper mapper;
  private final int maxDepth;

  JsonInput(int maxDepth) {
    this.maxDepth = maxDepth;
    // A name twice would mean one thing to the hub and another to the provider: refused. The
    // document's size is bounded before it comes here.
    mapper =
        new ObjectMapper(
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
                .build());
  }

  /** What is made of an object whose members the parser is about to give. */
  interface Reading<T> {
    /** Reads up to the object's end, and leaves the parser there. */
    T members(JsonParser in) throws IOException;
  }

  /**
   * Reads a body.
   *
   * @param body UTF-8
   * @throws ApiException 400, with the place where the JSON is wrong
   */
  <T> T read(byte[] body, Reading<T> reading) {
    if (body.length == 0) {
      throw wrong("The body is empty: it has to be a JSON object.");
    }
    if (body[0] == 0 || (body.length > 1 && body[1] == 0)) {
      throw wrong("The body has to be UTF-8.");
    }
    try (JsonParser in = mapper.createParser(body)) {
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw wrong(
            "The body has to be a JSON object, not " + Fields.kind(in.currentToken()) + ".");
      }
      T result = reading.members(in);
      if (in.nextToken() != null) {
        throw wrong("Something follows the JSON object" + at(in.currentTokenLocation()) + ".");
      }
      return result;
    } catch (StreamConstraintsException e) {
      throw wrong("The JSON is beyond a limit: " + said(e));
    } catch (JsonProcessingException e) {
      throw wrong("The body is not valid JSON: " + said(e) + at(e.getLocation()));
    } catch (IOException e) {
      throw wrong("The body cannot be read: " + e.getMessage());
    }
  }

  /** Reads a body as a whole, for those interfaces whose requests the hub rewrites anyway. */
  ObjectNode tree(byte[] body) {
    return read(body, in -> mapper.<ObjectNode>readTree(in));
  }

  private String said(JsonProcessingException e) {
    // Where the innermost object began is in our own words below, and of no use in the parser's.
    String message = e.getOriginalMessage().replaceFirst("(?s) \\(start marker at .*", ".");
    return message.contains("nesting depth")
        ? "it is nested deeper than " + maxDepth + " levels."
        : message;
  }

  private static String at(JsonLocation location) {
    return location == null
        ? ""
        : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
  }

  private static ApiException wrong(String message) {
    return ApiError.invalid(null, message).asException();
  }
}
