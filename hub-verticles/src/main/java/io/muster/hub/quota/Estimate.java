package io.muster.hub.quota;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What a chat request may cost in tokens, before a model has seen it: about four Latin characters
 * of its texts are a token, an ideograph is one, an image is a thousand; and the longest answer
 * that it allows.
 *
 * @param prompt tokens of what is sent
 * @param answer tokens of the answers, all of them where it asks for several
 */
public record Estimate(long prompt, long answer) {
  /** A request that nobody counts. */
  public static final Estimate NONE = new Estimate(0, 0);

  private static final JsonFactory JSON = new JsonFactory();
  private static final int PER_MESSAGE = 4;
  private static final int PER_IMAGE = 1000;
  private static final int MOST_ANSWERS = 1000;
  private static final long MOST_TOKENS = 1L << 40;
  private static final char[] DATA_URL = {'d', 'a', 't', 'a', ':'};

  /** Tokens in all. */
  public long tokens() {
    return prompt + answer;
  }

  /**
   * Reads OpenAI's chat request.
   *
   * @param answerTokens of an answer where the request does not bound it
   */
  public static Estimate of(byte[] request, long answerTokens) {
    long quarters = 0;
    long extra = 0;
    long bound = answerTokens;
    long answers = 1;
    int depth = 0;
    try (JsonParser json = JSON.createParser(request)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token.isStructStart()) {
          depth++;
          extra += depth == 3 && token == JsonToken.START_OBJECT ? PER_MESSAGE : 0;
        } else if (token.isStructEnd()) {
          depth--;
        } else if (token == JsonToken.VALUE_STRING && depth > 1) {
          if (isDataUrl(json)) {
            extra += PER_IMAGE;
          } else {
            quarters += quarters(json);
          }
        } else if (token == JsonToken.VALUE_NUMBER_INT && depth == 1) {
          String field = json.currentName();
          if ("max_tokens".equals(field) || "max_completion_tokens".equals(field)) {
            // A bound beyond any limit must not overflow the sums.
            bound = Math.max(0, Math.min(MOST_TOKENS, json.getValueAsLong()));
          } else if ("n".equals(field)) {
            answers = Math.max(1, Math.min(MOST_ANSWERS, json.getValueAsLong()));
          }
        }
      }
    } catch (IOException e) {
      // Whoever reads it in earnest says what is wrong; this is as far as it could be counted.
    }
    return new Estimate((quarters + 3) / 4 + extra, bound * answers);
  }

  private static boolean isDataUrl(JsonParser json) throws IOException {
    if (json.getTextLength() < 64) {
      return false;
    }
    char[] text = json.getTextCharacters();
    int offset = json.getTextOffset();
    for (int i = 0; i < DATA_URL.length; i++) {
      if (text[offset + i] != DATA_URL[i]) {
        return false;
      }
    }
    return true;
  }

  private static long quarters(JsonParser json) throws IOException {
    char[] text = json.getTextCharacters();
    int end = json.getTextOffset() + json.getTextLength();
    long quarters = 0;
    for (int i = json.getTextOffset(); i < end; i++) {
      char c = text[i];
      quarters += c < 0x250 ? 1 : c < 0x1100 ? 2 : 4;
    }
    return quarters;
  }
}
