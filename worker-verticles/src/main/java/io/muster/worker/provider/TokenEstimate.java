package io.muster.worker.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Set;

/**
 * Tokens, where the provider does not say: about four characters of an alphabet make one, and each
 * character of Chinese, Japanese and Korean is one.
 */
final class TokenEstimate {
  /** What a message costs besides its text: its role and the marks around it. */
  private static final int PER_MESSAGE = 3;

  private static final Set<String> TEXTS =
      Set.of("content", "text", "arguments", "reasoning_content", "refusal");

  private TokenEstimate() {}

  /** Tokens of a text, 0 for an empty one only. */
  static int of(CharSequence text) {
    int ideographs = 0;
    int letters = 0;
    for (int i = 0; i < text.length(); ) {
      int c = Character.codePointAt(text, i);
      i += Character.charCount(c);
      if (isIdeograph(c)) {
        ideographs++;
      } else {
        letters++;
      }
    }
    return ideographs + (letters + 3) / 4;
  }

  /** Tokens of so many bytes of UTF-8 text whose characters are not known. */
  static int ofBytes(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE, (bytes + 3) / 4);
  }

  /** Tokens of the messages in OpenAI's request, or of those in its answer; 0 for other JSON. */
  static int ofMessages(byte[] json) {
    try (JsonParser parser = Json.FACTORY.createParser(json)) {
      int tokens = 0;
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_STRING) {
          String name = nameOf(parser);
          if (name != null && TEXTS.contains(name)) {
            tokens += of(parser.getText());
          } else if ("role".equals(name)) {
            tokens += PER_MESSAGE;
          }
        }
      }
      return tokens;
    } catch (IOException e) {
      return 0;
    }
  }

  /** The member's name, or for a text in an array the array's. */
  private static String nameOf(JsonParser parser) throws IOException {
    var context = parser.getParsingContext();
    while (context.inArray()) {
      context = context.getParent();
    }
    return context.getCurrentName();
  }

  /** Whether the character is written without spaces around words, so that it is a token itself. */
  static boolean isIdeograph(int c) {
    return c >= 0x2E80
        && ((c <= 0x9FFF)
            || (c >= 0xAC00 && c <= 0xD7AF)
            || (c >= 0xF900 && c <= 0xFAFF)
            || (c >= 0xFE30 && c <= 0xFE4F)
            || (c >= 0xFF00 && c <= 0xFFEF)
            || (c >= 0x20000 && c <= 0x3FFFF));
  }
}
