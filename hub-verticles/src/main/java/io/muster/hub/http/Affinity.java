package io.muster.hub.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Keys of what does best on the same node: a session, what the client names its conversation by, or
 * the beginning of the prompt, which a node's model may still have in its cache.
 */
final class Affinity {
  /** As much of a prompt as is looked at, in bytes. */
  private static final int PREFIX = 4096;

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private Affinity() {}

  static String session(String id) {
    return "s:" + limited(id);
  }

  static String named(String key) {
    return "k:" + limited(key);
  }

  static String prompt(byte[] body, int from, int to) {
    return "p:" + Long.toHexString(hash(body, from, Math.min(to, from + PREFIX)));
  }

  /** Travels with every job, so it is short. */
  private static String limited(String key) {
    return key.length() <= 128 ? key : key.substring(0, 128);
  }

  private static long hash(byte[] bytes, int from, int to) {
    long hash = 0x9E3779B97F4A7C15L;
    int i = from;
    for (; i + Long.BYTES <= to; i += Long.BYTES) {
      hash = mix(hash ^ (long) LONGS.get(bytes, i));
    }
    for (; i < to; i++) {
      hash = mix(hash ^ bytes[i]);
    }
    return hash;
  }

  private static long mix(long value) {
    long mixed = value * 0xFF51AFD7ED558CCDL;
    return mixed ^ (mixed >>> 32);
  }
}
