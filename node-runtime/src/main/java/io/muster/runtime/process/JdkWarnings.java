package io.muster.runtime.process;

import java.lang.reflect.Field;

/**
 * Keeps the JDK from printing four lines of warning on standard error at every start. From JDK 24
 * on the first use of {@code sun.misc.Unsafe} warns, and Hazelcast uses it. A manifest has no
 * attribute to allow it, and {@code java -jar} shall need no flag.
 */
public final class JdkWarnings {
  private JdkWarnings() {}

  /**
   * Says that the warning was given. To be called first in {@code main}, before Hazelcast's classes
   * are loaded. Does nothing on a JDK that does not warn, or that no longer lets itself be told:
   * the warning is a nuisance, never a reason not to start.
   */
  public static void quiet() {
    try {
      Field warned = Class.forName("sun.misc.Unsafe").getDeclaredField("memoryAccessWarned");
      warned.setAccessible(true);
      warned.setBoolean(null, true);
    } catch (ReflectiveOperationException | RuntimeException e) {
      // An older JDK, which does not warn, or a newer one that does it otherwise.
      return;
    }
  }
}
