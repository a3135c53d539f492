package io.muster.hub.chat;

import io.muster.bus.Failure;
import io.muster.bus.FaultException;

/** What a session may be called: 1 to 200 printable characters. */
final class SessionId {
  static final int LONGEST = 200;

  private SessionId() {}

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
