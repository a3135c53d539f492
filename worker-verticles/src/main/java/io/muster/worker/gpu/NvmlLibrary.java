package io.muster.worker.gpu;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import io.muster.runtime.system.NativePaths;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * NVIDIA's management library, its functions looked up one by one: an old driver's has fewer of
 * them, and what is missing is an answer like any other. Blocks; for one thread.
 */
final class NvmlLibrary implements AutoCloseable {
  private final NativeLibrary library;
  private final Map<String, Optional<Function>> functions = new HashMap<>();

  private NvmlLibrary(NativeLibrary library) {
    this.library = library;
  }

  /**
   * Loads it.
   *
   * @param name as the system's loader finds it, or a path
   * @throws NvmlException when it is not there, or is no library of this architecture
   */
  static NvmlLibrary load(String name) throws NvmlException {
    NativePaths.prepare();
    try {
      return new NvmlLibrary(NativeLibrary.getInstance(name));
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      // Its message is a page of paths that were tried.
      throw new NvmlException(NvmlException.NO_LIBRARY, name);
    }
  }

  /**
   * Calls a function that returns an {@code nvmlReturn_t}.
   *
   * @return its code; {@link NvmlException#FUNCTION_NOT_FOUND} where the library has none of that
   *     name
   */
  int call(String name, Object... arguments) {
    Optional<Function> function = functions.computeIfAbsent(name, this::find);
    return function.isPresent()
        ? function.get().invokeInt(arguments)
        : NvmlException.FUNCTION_NOT_FOUND;
  }

  private Optional<Function> find(String name) {
    try {
      return Optional.of(library.getFunction(name));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  /** Unloads it, so that the next one may be another version's. */
  @Override
  public void close() {
    functions.clear();
    library.close();
  }
}
