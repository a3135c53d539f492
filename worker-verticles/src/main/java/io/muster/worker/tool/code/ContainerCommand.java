package io.muster.worker.tool.code;

import io.muster.worker.task.ToolException;
import java.util.ArrayList;
import java.util.List;

/**
 * The command of a container that runs a program. Code and input come with it, in pieces that the
 * system takes as arguments, since a root that cannot be written to takes no files either.
 */
final class ContainerCommand {
  /** An argument may have 128 KiB; a character has four bytes at most. */
  private static final int PIECE_CHARS = 30_000;

  /** Processes that are not the program's: the shell and its watch. */
  static final int PROCESSES = 3;

  /**
   * The interpreter, seconds, how many pieces the code has, then code and input. The watch ends a
   * program whose worker died and cannot.
   */
  private static final String RUN =
      "run=$1; t=$2; n=$3; shift 3;"
          + " while [ \"$n\" -gt 0 ]; do printf %s \"$1\"; shift; n=$((n-1)); done > /tmp/.code;"
          + " for p in \"$@\"; do printf %s \"$p\"; done > /tmp/.stdin; set --;"
          + " { sleep \"$t\"; kill -9 -1; } > /dev/null 2>&1 &"
          + " \"$run\" /tmp/.code < /tmp/.stdin; exit $?";

  private ContainerCommand() {}

  /**
   * @param mostSeconds after which it ends by itself
   */
  static List<String> run(Program program, long mostSeconds) {
    List<String> code = pieces("code", program.code());
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", RUN, "sh", program.language().interpreter()));
    command.add(String.valueOf(mostSeconds));
    command.add(String.valueOf(code.size()));
    command.addAll(code);
    command.addAll(pieces("stdin", program.stdin()));
    return command;
  }

  private static List<String> pieces(String field, String text) {
    if (text.indexOf('\0') >= 0) {
      throw ToolException.invalid("'" + field + "': it must not hold a NUL character");
    }
    List<String> pieces = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      int end = Math.min(text.length(), at + PIECE_CHARS);
      if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
        end--;
      }
      pieces.add(text.substring(at, end));
      at = end;
    }
    return pieces;
  }

  /** Says which of the interpreters there are, one a line. */
  static List<String> look() {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", "for i in \"$@\"; do command -v \"$i\"; done; true", "sh"));
    for (Language language : Language.values()) {
      command.add(language.interpreter());
    }
    return command;
  }
}
