package io.muster.worker.gpu;

import java.util.Map;

/** NVML could not do what it was asked. Its codes are those of {@code nvmlReturn_t}. */
final class NvmlException extends Exception {
  private static final long serialVersionUID = 1L;

  static final int SUCCESS = 0;
  static final int UNINITIALIZED = 1;
  static final int INSUFFICIENT_SIZE = 7;
  static final int DRIVER_NOT_LOADED = 9;
  static final int FUNCTION_NOT_FOUND = 13;
  static final int GPU_IS_LOST = 15;
  static final int RESET_REQUIRED = 16;
  static final int LIB_RM_VERSION_MISMATCH = 18;
  static final int ARGUMENT_VERSION_MISMATCH = 25;

  /** No code of NVML: the library itself is not there. */
  static final int NO_LIBRARY = -1;

  private static final Map<Integer, String> TEXTS =
      Map.ofEntries(
          Map.entry(NO_LIBRARY, "the driver's library is not on this machine"),
          Map.entry(UNINITIALIZED, "the driver was stopped or started again"),
          Map.entry(2, "the driver does not take the question"),
          Map.entry(3, "the GPU does not tell"),
          Map.entry(4, "this user may not ask the driver"),
          Map.entry(6, "the driver does not find the GPU"),
          Map.entry(8, "a power cable of the GPU is not connected"),
          Map.entry(DRIVER_NOT_LOADED, "the driver is not loaded"),
          Map.entry(10, "the driver did not answer in time"),
          Map.entry(11, "an interrupt of the GPU does not work"),
          Map.entry(FUNCTION_NOT_FOUND, "the driver is too old for this question"),
          Map.entry(14, "the GPU's infoROM is damaged"),
          Map.entry(GPU_IS_LOST, "the GPU has fallen off the bus or cannot be reached"),
          Map.entry(RESET_REQUIRED, "the GPU must be reset before it can be used again"),
          Map.entry(17, "the operating system refuses the driver"),
          Map.entry(
              LIB_RM_VERSION_MISMATCH,
              "the driver's library and its kernel module are of different versions: reboot, or"
                  + " load the module again"),
          Map.entry(19, "the GPU is in use by something else"),
          Map.entry(20, "the driver has not enough memory"));

  private final int code;

  /**
   * @param function of NVML
   */
  NvmlException(int code, String function) {
    super(text(code) + " (" + function + (code > 0 ? ": " + code : "") + ")");
    this.code = code;
  }

  int code() {
    return code;
  }

  /** Whether the driver as a whole is the matter, so that it has to be opened again. */
  boolean endsSession() {
    return code == UNINITIALIZED || code == DRIVER_NOT_LOADED || code == LIB_RM_VERSION_MISMATCH;
  }

  /** Whether the GPU cannot be used, whatever else may be asked of it. */
  static boolean losesGpu(int code) {
    return code == GPU_IS_LOST || code == RESET_REQUIRED;
  }

  static String text(int code) {
    return TEXTS.getOrDefault(code, "the driver failed");
  }
}
