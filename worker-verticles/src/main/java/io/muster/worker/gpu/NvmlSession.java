package io.muster.worker.gpu;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import io.muster.metric.Gpu;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * NVML between its init and its shutdown. Of functions that have several versions the newest one
 * that this driver has is asked. Blocks, for long where a GPU is in trouble; for one thread.
 */
final class NvmlSession implements AutoCloseable {
  private static final int TEXT_BYTES = 96;
  private static final int TEMPERATURE_OF_GPU = 0;
  // nvmlMemory_v2_t: version, and 64-bit total, reserved, free, used.
  private static final int MEMORY_V2_BYTES = 40;
  private static final int MEMORY_V2 = MEMORY_V2_BYTES | 2 << 24;
  // nvmlMemory_t: 64-bit total, free, used.
  private static final int MEMORY_BYTES = 24;
  private static final double BUSY_FROM = 0.05;

  private final NvmlLibrary nvml;
  private final NvmlProcesses processes;

  private NvmlSession(NvmlLibrary nvml) {
    this.nvml = nvml;
    this.processes = new NvmlProcesses(nvml);
  }

  /**
   * Loads the library and initialises it.
   *
   * @param library its name or path
   */
  static NvmlSession open(String library) throws NvmlException {
    NvmlLibrary nvml = NvmlLibrary.load(library);
    int code = first(nvml, new String[] {"nvmlInit_v2", "nvmlInit"});
    if (code != NvmlException.SUCCESS) {
      nvml.close();
      throw new NvmlException(code, "nvmlInit");
    }
    return new NvmlSession(nvml);
  }

  /** {@code 550.54.15}, or null. */
  String driverVersion() {
    byte[] text = new byte[TEXT_BYTES];
    return nvml.call("nvmlSystemGetDriverVersion", text, text.length) == NvmlException.SUCCESS
        ? string(text)
        : null;
  }

  int count() throws NvmlException {
    IntByReference count = new IntByReference();
    check(
        first(nvml, new String[] {"nvmlDeviceGetCount_v2", "nvmlDeviceGetCount"}, count),
        "nvmlDeviceGetCount");
    return count.getValue();
  }

  /**
   * Asks a GPU for everything. What it does not tell is unknown.
   *
   * @throws NvmlException when it is lost, or the driver is
   */
  Gpu read(int index) throws NvmlException {
    PointerByReference handle = new PointerByReference();
    check(
        first(
            nvml,
            new String[] {"nvmlDeviceGetHandleByIndex_v2", "nvmlDeviceGetHandleByIndex"},
            index,
            handle),
        "nvmlDeviceGetHandleByIndex");
    Pointer gpu = handle.getValue();
    String uuid = text(gpu, "nvmlDeviceGetUUID");
    String name = text(gpu, "nvmlDeviceGetName");
    long[] memory = memory(gpu);
    double utilisation = utilisation(gpu);
    List<Gpu.Process> running = processes.of(gpu);
    return new Gpu(
        index,
        uuid,
        name,
        number(gpu, "nvmlDeviceGetTemperature", TEMPERATURE_OF_GPU),
        memory[0],
        memory[1],
        utilisation,
        milliwatts(gpu),
        !running.isEmpty() || utilisation >= BUSY_FROM,
        running,
        null);
  }

  private double milliwatts(Pointer gpu) throws NvmlException {
    double milliwatts = number(gpu, "nvmlDeviceGetPowerUsage");
    return milliwatts < 0 ? -1 : milliwatts / 1000;
  }

  /** Bytes in all and used; the second version leaves out what the driver keeps for itself. */
  private long[] memory(Pointer gpu) throws NvmlException {
    try (Memory memory = new Memory(MEMORY_V2_BYTES)) {
      memory.clear();
      memory.setInt(0, MEMORY_V2);
      int code = nvml.call("nvmlDeviceGetMemoryInfo_v2", gpu, memory);
      if (told(code, "nvmlDeviceGetMemoryInfo")) {
        return new long[] {memory.getLong(8), memory.getLong(32)};
      }
    }
    try (Memory memory = new Memory(MEMORY_BYTES)) {
      int code = nvml.call("nvmlDeviceGetMemoryInfo", gpu, memory);
      return told(code, "nvmlDeviceGetMemoryInfo")
          ? new long[] {memory.getLong(0), memory.getLong(16)}
          : new long[] {-1, -1};
    }
  }

  /** nvmlUtilization_t: 32-bit percent of the GPU's time, and of its memory's. */
  private double utilisation(Pointer gpu) throws NvmlException {
    try (Memory shares = new Memory(8)) {
      int code = nvml.call("nvmlDeviceGetUtilizationRates", gpu, shares);
      return told(code, "nvmlDeviceGetUtilizationRates") ? shares.getInt(0) / 100.0 : -1;
    }
  }

  private double number(Pointer gpu, String function, Object... more) throws NvmlException {
    IntByReference value = new IntByReference();
    Object[] arguments = new Object[more.length + 2];
    arguments[0] = gpu;
    System.arraycopy(more, 0, arguments, 1, more.length);
    arguments[more.length + 1] = value;
    return told(nvml.call(function, arguments), function) ? value.getValue() : -1;
  }

  private String text(Pointer gpu, String function) throws NvmlException {
    byte[] text = new byte[TEXT_BYTES];
    return told(nvml.call(function, gpu, text, text.length), function) ? string(text) : null;
  }

  /** Whether the answer is there: a GPU need not tell everything, but it must be there itself. */
  static boolean told(int code, String function) throws NvmlException {
    if (code == NvmlException.SUCCESS) {
      return true;
    }
    NvmlException failure = new NvmlException(code, function);
    if (NvmlException.losesGpu(code) || failure.endsSession()) {
      throw failure;
    }
    return false;
  }

  private static void check(int code, String function) throws NvmlException {
    if (code != NvmlException.SUCCESS) {
      throw new NvmlException(code, function);
    }
  }

  /** Asks the first function of these that the driver has. */
  private static int first(NvmlLibrary nvml, String[] names, Object... arguments) {
    int code = NvmlException.FUNCTION_NOT_FOUND;
    for (String name : names) {
      code = nvml.call(name, arguments);
      if (code != NvmlException.FUNCTION_NOT_FOUND) {
        return code;
      }
    }
    return code;
  }

  static String string(byte[] text) {
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    nvml.call("nvmlShutdown");
    nvml.close();
  }
}
