package io.muster.runtime.settings;

import java.util.regex.Pattern;

/** Takes out of a shown value what nobody may read. */
public final class Masking {
  /** What stands for a secret. */
  public static final String MASK = "***";

  // Up to the last @ before a space or comma: a password may hold any of : / ? # @ unescaped.
  private static final Pattern URL_PASSWORD = Pattern.compile("(://[^\\s:@/,]*):([^\\s,]*)@");
  private static final Pattern URL_TOKEN = Pattern.compile("://[^\\s:@/,]+@");
  private static final Pattern URL_PARAMETER =
      Pattern.compile(
          "(?i)([?&;][^=&;\\s,]*(?:password|passwd|pwd|secret|token|key)[^=&;\\s,]*=)[^&;\\s,]*");

  private Masking() {}

  /** The text with the passwords, tokens and keys of the URLs in it replaced. */
  public static String urls(String text) {
    if (text.indexOf("://") < 0 && text.indexOf('?') < 0) {
      return text;
    }
    String masked = URL_PASSWORD.matcher(text).replaceAll("$1:" + MASK + "@");
    masked = URL_TOKEN.matcher(masked).replaceAll("://" + MASK + "@");
    return URL_PARAMETER.matcher(masked).replaceAll("$1" + MASK);
  }
}
