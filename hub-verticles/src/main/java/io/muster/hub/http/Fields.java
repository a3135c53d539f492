package io.muster.hub.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Checks the value that a parser stands on against what a field may hold, and leaves the parser on
 * its last token. {@code null} stands for a field that is not there.
 */
final class Fields {
  private final JsonParser in;

  Fields(JsonParser in) {
    this.in = in;
  }

  /** The text, null for null. */
  String string(String param) throws IOException {
    if (in.currentToken() == JsonToken.VALUE_STRING) {
      return in.getText();
    }
    nullOr(param, "a string");
    return null;
  }

  /** Checks for a text without decoding it: it may be long. */
  void text(String param) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      nullOr(param, "a string");
    }
  }

  boolean bool(String param) throws IOException {
    switch (in.currentToken()) {
      case VALUE_TRUE -> {
        return true;
      }
      case VALUE_FALSE -> {
        return false;
      }
      default -> {
        nullOr(param, "true or false");
        return false;
      }
    }
  }

  void integer(String param) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      nullOr(param, "an integer");
    } else if (in.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      throw wrong(param, "an integer of at most 64 bits");
    }
  }

  void integerFrom(String param, long least) throws IOException {
    integer(param);
    if (in.currentToken() == JsonToken.VALUE_NUMBER_INT && in.getLongValue() < least) {
      throw wrong(param, "an integer of at least " + least);
    }
  }

  void number(String param) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_NUMBER_FLOAT) {
      if (in.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        nullOr(param, "a number");
      }
    }
  }

  /** Whether an object begins here, not null. */
  boolean begunObject(String param) {
    if (in.currentToken() == JsonToken.START_OBJECT) {
      return true;
    }
    nullOr(param, "an object");
    return false;
  }

  void object(String param) throws IOException {
    if (begunObject(param)) {
      in.skipChildren();
    }
  }

  void stringOrObject(String param) throws IOException {
    if (in.currentToken() == JsonToken.START_OBJECT) {
      in.skipChildren();
    } else if (in.currentToken() != JsonToken.VALUE_STRING) {
      nullOr(param, "a string or an object");
    }
  }

  void stringOrStrings(String param) throws IOException {
    if (in.currentToken() == JsonToken.START_ARRAY) {
      each(param, JsonToken.VALUE_STRING, "a string");
    } else if (in.currentToken() != JsonToken.VALUE_STRING) {
      nullOr(param, "a string or an array of strings");
    }
  }

  void strings(String param) throws IOException {
    array(param, JsonToken.VALUE_STRING, "a string");
  }

  void objects(String param) throws IOException {
    array(param, JsonToken.START_OBJECT, "an object");
  }

  private void array(String param, JsonToken element, String expected) throws IOException {
    if (in.currentToken() == JsonToken.START_ARRAY) {
      each(param, element, expected);
    } else {
      nullOr(param, "an array");
    }
  }

  private void each(String param, JsonToken element, String expected) throws IOException {
    int index = 0;
    while (in.nextToken() != JsonToken.END_ARRAY) {
      if (in.currentToken() != element) {
        throw wrong(param + "[" + index + "]", expected);
      }
      in.skipChildren();
      index++;
    }
  }

  private void nullOr(String param, String expected) {
    if (in.currentToken() != JsonToken.VALUE_NULL) {
      throw wrong(param, expected);
    }
  }

  ApiException wrong(String param, String expected) {
    return ApiError.invalid(
            param,
            "'" + param + "' has to be " + expected + ", not " + kind(in.currentToken()) + ".")
        .asException();
  }

  static String kind(JsonToken token) {
    if (token == null) {
      return "nothing";
    }
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "the end of something else";
    };
  }
}
