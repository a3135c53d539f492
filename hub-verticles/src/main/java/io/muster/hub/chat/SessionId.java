package io.muster.hub.chat;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What a session may be called: 1 to 200 printable characters. */
final class SessionId {
  static final int LONGEST = 200;

  /** Nobody can give it: it is no printable character. */
  private static final char SEPARATOR = '\u0001';

  private SessionId() {}

  /**
   * The name under which a session with a companion is kept: another than those of the same name
   * with another companion, or with none.
   *
   * @param companionId null for none
   */
  static String with(String companionId, String id) {
    if (companionId == null) {
      return id;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(companionId.getBytes(StandardCharsets.UTF_8));
      return SEPARATOR + HexFormat.of().formatHex(digest, 0, 16) + SEPARATOR + id;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The name that was given. */
  static String shown(String kept) {
    return kept.substring(kept.lastIndexOf(SEPARATOR) + 1);
  }

  /**
   * Checks a name that a client gave.
   *
   * @throws FaultException {@link Failure#BAD_REQUEST}, naming {@code session_id}
   */
  static void check(String id) {
    if (id == null || id.isEmpty()) {
      throw refused("must not be empty");
    }
    if (id.codePointCount(0, id.length()) > LONGEST) {
      throw refused("must be at most " + LONGEST + " characters long");
    }
    if (!id.codePoints().allMatch(SessionId::isPrintable)) {
      throw refused("must hold printable characters only");
    }
  }

  /** Invisible characters would make two names look alike. */
  private static boolean isPrintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static FaultException refused(String why) {
    return new FaultException(Failure.BAD_REQUEST, "session_id: " + why);
  }
}
