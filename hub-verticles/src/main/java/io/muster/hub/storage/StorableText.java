package io.muster.hub.storage;

/** Text as every database takes it. */
public final class StorableText {
  private static final char REPLACEMENT = '\uFFFD';

  private StorableText() {}

  /**
   * The same text with U+FFFD in place of U+0000, which PostgreSQL refuses, and of half surrogate
   * pairs, which are no text. Null stays null.
   */
  public static String of(String text) {
    if (text == null) {
      return null;
    }
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c == 0) {
        return repaired(text);
      }
      if (Character.isSurrogate(c)) {
        if (!isPair(text, i)) {
          return repaired(text);
        }
        i++;
      }
    }
    return text;
  }

  private static boolean isPair(String text, int high) {
    return high + 1 < text.length()
        && Character.isSurrogatePair(text.charAt(high), text.charAt(high + 1));
  }

  private static String repaired(String text) {
    StringBuilder result = new StringBuilder(text);
    for (int i = 0; i < result.length(); i++) {
      char c = result.charAt(i);
      if (Character.isSurrogate(c) && isPair(text, i)) {
        i++;
      } else if (c == 0 || Character.isSurrogate(c)) {
        result.setCharAt(i, REPLACEMENT);
      }
    }
    return result.toString();
  }
}
