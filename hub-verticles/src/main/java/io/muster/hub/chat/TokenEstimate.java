package io.muster.hub.chat;

/**
 * How many tokens a text will be, roughly, for any model: about four Latin characters are a token,
 * a Chinese, Japanese or Korean character is one, other scripts are between.
 */
final class TokenEstimate {
  /** What a model's chat template adds to each message. */
  static final int PER_MESSAGE = 4;

  private TokenEstimate() {}

  /** Tokens of a text, rounded up; 0 for none. */
  static long of(String text) {
    long quarters = 0;
    int length = text.length();
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c < 0x250) {
        quarters += 1; // ASCII and the Latin blocks
      } else if (c < 0x1100) {
        quarters += 2; // Greek, Cyrillic, Arabic, Devanagari …
      } else {
        // Hangul, kana, ideographs; and the halves of a surrogate pair: an emoji is two tokens.
        quarters += 4;
      }
    }
    return (quarters + 3) / 4;
  }

  /** Tokens of a message with this content. */
  static long ofMessage(String content) {
    return of(content) + PER_MESSAGE;
  }
}
