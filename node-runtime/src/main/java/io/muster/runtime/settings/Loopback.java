package io.muster.runtime.settings;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Tells whether only this machine can reach an interface. */
public final class Loopback {
  private Loopback() {}

  /** Whether every address of the host is a loopback one; an unknown host is not. */
  public static boolean is(String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    try {
      for (InetAddress address : InetAddress.getAllByName(bare)) {
        if (!address.isLoopbackAddress()) {
          return false;
        }
      }
      return true;
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
