package io.muster.worker.provider;

import java.util.ArrayList;
import java.util.List;

/** The demo model's tokens: a word with the space behind it, or one Chinese character. */
final class DemoTokens {
  private DemoTokens() {}

  /** The tokens, which joined are the text. */
  static List<String> split(String text) {
    List<String> tokens = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = skipSpace(text, skipWord(text, skipSpace(text, at)));
      tokens.add(text.substring(at, end));
      at = end;
    }
    return tokens;
  }

  /** How many they are. */
  static int count(String text) {
    int count = 0;
    int at = 0;
    while (at < text.length()) {
      at = skipSpace(text, skipWord(text, skipSpace(text, at)));
      count++;
    }
    return count;
  }

  private static int skipWord(String text, int from) {
    int at = from;
    while (at < text.length()) {
      int c = text.codePointAt(at);
      if (TokenEstimate.isIdeograph(c)) {
        return at == from ? at + Character.charCount(c) : at;
      }
      if (Character.isWhitespace(c)) {
        return at;
      }
      at += Character.charCount(c);
    }
    return at;
  }

  private static int skipSpace(String text, int from) {
    int at = from;
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
