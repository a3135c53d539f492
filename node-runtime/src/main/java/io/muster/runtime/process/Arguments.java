package io.muster.runtime.process;

import io.muster.runtime.settings.SettingsTable;
import java.util.List;

/** The few words that a process takes on its command line; all else is said by settings. */
public final class Arguments {
  private static final int EXIT_MISUSED = 2;

  private Arguments() {}

  /**
   * Does what the arguments ask for; ends the process with 2 when there is an unknown one.
   *
   * @param program the jar's name, for the usage
   * @return whether that was all, so that nothing is to be started
   */
  @SuppressWarnings("SystemOut") // What a person asked to be printed.
  public static boolean handled(String program, String... arguments) {
    if (arguments.length == 0) {
      return false;
    }
    if (List.of(arguments).equals(List.of("--print-settings"))) {
      System.out.print(SettingsTable.markdown());
      return true;
    }
    String usage =
        """
        usage: java -jar %s.jar [--print-settings | --help]

        Without an argument it starts. Settings come from the environment, conf/<environment>.json
        and conf/default.json; --print-settings lists them all.
        """
            .formatted(program);
    if (List.of(arguments).equals(List.of("--help"))) {
      System.out.print(usage);
      return true;
    }
    System.err.println("unknown argument: " + String.join(" ", arguments));
    System.err.print(usage);
    System.exit(EXIT_MISUSED);
    return true;
  }
}
