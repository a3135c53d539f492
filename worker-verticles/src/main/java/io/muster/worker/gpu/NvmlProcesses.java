package io.muster.worker.gpu;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import io.muster.metric.Gpu;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which processes use a GPU: those that compute and those that draw, each once. */
final class NvmlProcesses {
  /** So many are told of a GPU: heartbeats carry them. */
  static final int MAX = 16;

  private static final int ROOM = 128;

  /** More than any GPU runs: what is beyond is not believed. */
  private static final int MOST_ROOM = 16_384;

  private static final int TRIES = 5;
  private static final int NAME_BYTES = 256;
  private static final List<String> KINDS =
      List.of("nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetGraphicsRunningProcesses");

  /**
   * The versions of these functions, and how big their {@code nvmlProcessInfo_t} is: 32-bit pid,
   * 64-bit memory, and from the second on the ids of a part of the GPU.
   */
  private enum Version {
    V3("_v3", 24),
    V2("_v2", 24),
    V1("", 16);

    private final String suffix;
    private final int bytes;

    Version(String suffix, int bytes) {
      this.suffix = suffix;
      this.bytes = bytes;
    }
  }

  private final NvmlLibrary nvml;

  NvmlProcesses(NvmlLibrary nvml) {
    this.nvml = nvml;
  }

  /** The biggest first; none where the driver does not tell. */
  List<Gpu.Process> of(Pointer gpu) throws NvmlException {
    Map<Long, Long> memoryByPid = new LinkedHashMap<>();
    for (String kind : KINDS) {
      for (Version version : Version.values()) {
        int code = read(gpu, kind, version, memoryByPid);
        if (code != NvmlException.FUNCTION_NOT_FOUND
            && code != NvmlException.ARGUMENT_VERSION_MISMATCH) {
          NvmlSession.told(code, kind);
          break;
        }
      }
    }
    List<Gpu.Process> found = new ArrayList<>();
    memoryByPid.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
        .limit(MAX)
        .forEach(
            each ->
                found.add(new Gpu.Process(each.getKey(), name(each.getKey()), each.getValue())));
    return found;
  }

  private int read(Pointer gpu, String kind, Version version, Map<Long, Long> memoryByPid) {
    int room = ROOM;
    for (int tries = 1; ; tries++) {
      try (Memory entries = new Memory((long) room * version.bytes)) {
        IntByReference count = new IntByReference(room);
        int code = nvml.call(kind + version.suffix, gpu, count, entries);
        if (code == NvmlException.INSUFFICIENT_SIZE && tries < TRIES && room < MOST_ROOM) {
          // Some more come while it is asked again.
          room = Math.min(MOST_ROOM, 2 * Math.max(room, count.getValue()));
          continue;
        }
        if (code == NvmlException.SUCCESS) {
          for (int i = 0; i < Math.min(room, count.getValue()); i++) {
            long at = (long) i * version.bytes;
            // All bits set, so negative: the driver does not know.
            long memory = Math.max(-1, entries.getLong(at + 8));
            memoryByPid.merge(Integer.toUnsignedLong(entries.getInt(at)), memory, Math::max);
          }
        }
        return code;
      }
    }
  }

  /** The program's file name without its folder and arguments: those may be nobody's business. */
  private String name(long pid) {
    byte[] text = new byte[NAME_BYTES];
    int code = nvml.call("nvmlSystemGetProcessName", (int) pid, text, text.length);
    String path = code == NvmlException.SUCCESS ? NvmlSession.string(text).strip() : "";
    int arguments = path.indexOf(' ');
    String program = arguments < 0 ? path : path.substring(0, arguments);
    String name = program.substring(program.lastIndexOf('/') + 1);
    return name.isEmpty() ? null : name;
  }
}
